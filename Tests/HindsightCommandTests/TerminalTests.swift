import HindsightTestSupport
import Subprocess
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite("Tables, errors, versions and completion on a terminal", .timeLimit(.minutes(5)))
struct TerminalTests {
    private func filled() async throws -> ShopProcess {
        let shop = try await ShopProcess.inOwnDatabase()
        #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
        return shop
    }

    /// The headings of the columns that have nothing in any row.
    private func emptyColumns(_ lines: [String]) -> [String] {
        let rule = Array(lines[1])
        let starts = rule.indices.filter { rule[$0] == "-" && ($0 == 0 || rule[$0 - 1] == " ") }
        return starts.compactMap { start in
            let end = rule[start...].firstIndex(of: " ") ?? rule.count
            func cell(_ line: String) -> String {
                String(Array(line).dropFirst(start).prefix(end - start)).filter { $0 != " " }
            }
            return lines.dropFirst(2).allSatisfy { cell($0).isEmpty } ? cell(lines[0]) : nil
        }
    }

    @Test func listProjectionsInEightyColumns() async throws {
        let shop = try await filled()
        for isRun in [false, true] {
            if isRun { #expect(try await shop("run", "--until-caught-up").status == .exited(0)) }
            let list = try await shop("projections", "list")
            #expect(list.lines.count == 6, "\(list.output)")
            #expect(list.lines.allSatisfy { $0.count <= 80 }, "\(list.output)")
            #expect(emptyColumns(list.lines).isEmpty, "\(list.output)")
        }
        let versions = try await shop.run(["projections", "versions", "order_summary"])
        #expect(emptyColumns(versions.lines).isEmpty, "\(versions.output)")
    }

    @Test("An error that stops several projections is written once, beneath the table and at the end of a run")
    func errorsOnce() async throws {
        let shop = try await filled()
        let line = #"{"stream":"order-1","type":"OrderLinePlaced","at":"2011-05-09T10:00:00Z","data":{"sku":7}}"#
        let broken = try await shop("events", "import", "-", input: line + "\n")
        #expect(broken.status == .exited(0), "\(broken.error)")
        let run = try await shop("run", "--until-caught-up")
        #expect(run.status == .exited(1))
        #expect(run.error.split(separator: "typeMismatch").count == 2, "\(run.error)")
        #expect(run.error.contains("projection \"order_summary\" stopped at position 31: "), "\(run.error)")
        #expect(run.error.contains("\"daily_revenue\""), "\(run.error)")
        let list = try await shop("projections", "list")
        #expect(list.output.split(separator: "typeMismatch").count == 2, "\(list.output)")
        #expect(list.lines.prefix(6).allSatisfy { $0.count <= 80 }, "\(list.output)")
        #expect(
            list.lines.contains {
                $0.hasPrefix("order_summary, customer_value, product_sales, daily_revenue: stopped at position 31: ")
            }, "\(list.output)")
    }

    @Test("Rows that are too wide for the terminal are written one column a line, and so they are on request")
    func wideRows() async throws {
        let app = try await VersionsProcess()
        try await app.append(1...2)
        #expect(try await app[.withWideRows]("run", "--until-caught-up").status == .exited(0))
        let vertical = """
            id       1
            first    a rather long text that fills forty columns
            second   another long text that fills as many columns
            nothing

            id       2
            first    a rather long text that fills forty columns
            second   another long text that fills as many columns
            nothing

            """
        #expect(try await app[.withWideRows]("query", "wide", "--vertical").output == vertical)
        let query = ["query", "wide"]
        let narrow = try await app[.withWideRows].run(query, on: PseudoTerminal(columns: 80), showsResults: true)
        #expect(narrow.error == vertical)
        let wide = try await app[.withWideRows].run(query, on: PseudoTerminal(columns: 120), showsResults: true)
        #expect(wide.error.hasPrefix("id  first "), "\(wide.error)")
        #expect(try await app[.withWideRows]("query", "wide").lines.count == 4, "a file has no width")
        let both = try await app[.withWideRows]("query", "wide", "--vertical", "--json")
        #expect(both.status == .exited(64))
    }

    @Test func eventsThatAreTooWide() async throws {
        let app = try await VersionsProcess()
        try await app.append(1...1)
        let read = ["events", "read"]
        let narrow = try await app[.first].run(read, on: PseudoTerminal(columns: 60), showsResults: true)
        #expect(narrow.error.hasPrefix("position  1\nstream    s-1\n"), "\(narrow.error)")
        #expect(try await app[.first].run(read).lines.count == 3)
    }

    @Test func sayTheVersion() async throws {
        let shop = try await ShopProcess(url: "host=127.0.0.1 port=1")("--version")
        #expect(shop.status == .exited(0))
        #expect(shop.output.wholeMatch(of: /shop, Hindsight \d+\.\d+\.\d+\S*\n/) != nil, "\(shop.output)")
        let app = try await ShopProcess(url: "host=127.0.0.1 port=1", app: "versions-app")("--version")
        #expect(app.output.wholeMatch(of: /versions-app 2\.4\.1, Hindsight \d+\.\d+\.\d+\S*\n/) != nil, "\(app.output)")
    }

    @Test(
        "The shell completes the names of projections and columns, and needs no database for it",
        arguments: [
            ("query ''", "order_summary customer_value product_sales daily_revenue"),
            ("query cust", "customer_value"),
            ("projections rebuild ''", "order_summary customer_value product_sales daily_revenue"),
            ("projections rebuild order_summary daily", "daily_revenue"),
            ("projections export prod", "product_sales"),
            ("query order_summary --where c", "customer= country="),
            ("query daily_revenue --order ''", "day country orders lines revenue"),
        ])
    func completion(words: String, candidates: String) async throws {
        let shop = ShopProcess(url: "host=127.0.0.1 port=1 dbname=none")
        let script = try await shop("--generate-completion-script", "bash")
        #expect(script.status == .exited(0))
        let result = try await Subprocess.run(
            .name("bash"),
            arguments: [
                "-c",
                """
                \(script.output)
                PATH="\(shop.program.removingLastComponent().string):$PATH"
                COMP_WORDS=(shop \(words)) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE}
                _shop shop "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
            ],
            environment: .inherit.updating(["DATABASE_URL": "host=127.0.0.1 port=1"]), output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        let found = result.standardOutput.split(whereSeparator: \.isWhitespace).map(String.init)
        for candidate in candidates.split(separator: " ") {
            #expect(found.contains(String(candidate)), "\(result.standardOutput) \(result.standardError)")
        }
        if !words.hasSuffix("''") { #expect(found.count == candidates.split(separator: " ").count, "\(found)") }
    }
}
