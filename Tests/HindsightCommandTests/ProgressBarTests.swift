import HindsightCommand
import HindsightTestSupport
import Subprocess
import Synchronization
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite("A progress bar", .timeLimit(.minutes(2)))
struct ProgressBarTests {
    private let estimate = ProgressEstimate(
        count: 1_234_567, fraction: 0.25, rows: 54_321, elapsed: .seconds(30))

    @Test(arguments: 0...120) func fitsAnyWidth(columns: Int) {
        for activity in ["importing", "order_summary: catching up", "注文の概要: reading", "two\nlines"] {
            let bar = estimate.bar(activity: activity, unit: "events", columns: columns)
            #expect(TerminalWidth.columns(of: bar) <= columns, "\(bar)")
            #expect(!bar.contains("\n"))
        }
    }

    @Test func leavesOutTheLeastFirst() {
        func bar(_ columns: Int) -> String { estimate.bar(activity: "importing", unit: "events", columns: columns) }
        #expect(bar(91) == "importing [#####...............] 25 % 1,234,567 events, 41,152/s, 54,321 rows, 1:30 left")
        #expect(bar(83) == "importing [##........] 25 % 1,234,567 events, 41,152/s, 54,321 rows, 1:30 left")
        #expect(bar(70) == "importing 25 % 1,234,567 events, 41,152/s, 54,321 rows, 1:30 left")
        #expect(bar(60) == "importing 25 % 1,234,567 events, 1:30 left")
        #expect(bar(30) == "importing 25 % 1:30 left")
        #expect(bar(10) == "importing ")
    }

    @Test func needNotCountAnything() {
        let estimate = ProgressEstimate(count: nil, fraction: 0.5, elapsed: .seconds(2))
        #expect(
            estimate.bar(activity: "checking gzip", unit: "") == "checking gzip [##########..........] 50 % 0:02 left")
    }

    @Test func countsColumnsOfWideAndCombiningCharacters() {
        #expect(TerminalWidth.columns(of: "abc") == 3)
        #expect(TerminalWidth.columns(of: "注文") == 4)
        #expect(TerminalWidth.columns(of: "e\u{301}") == 1)
        #expect(TerminalWidth.cut("注文の", to: 5) == "注文")
        #expect(TerminalWidth.cut("e\u{301}x", to: 1) == "e\u{301}")
    }

    @Test func isFittedAnewWithEachDrawing() {
        let width = Mutex<Int?>(20)
        let written = Mutex("")
        let console = Console(program: "shop") {
            width.withLock { $0 }
        } write: { text in
            written.withLock { $0 += text }
        }
        func drawn(_ body: () -> Void) -> String {
            written.withLock { $0 = "" }
            body()
            return written.withLock { $0 }
        }
        let long = String(repeating: "x", count: 200)
        #expect(drawn { console.draw { _ in long } } == "\r\u{1b}[K" + String(repeating: "x", count: 19))
        // A line above the bar draws it again, by then on a narrower terminal.
        width.withLock { $0 = 8 }
        #expect(drawn { console.line("note") } == "\r\u{1b}[Knote\n" + String(repeating: "x", count: 7))
        width.withLock { $0 = nil }
        #expect(drawn { console.draw { String(repeating: "-", count: $0) } }.count { $0 == "-" } == 79)
        #expect(drawn { console.erase() } == "\r\u{1b}[K")
        #expect(drawn { console.line("end") } == "end\n")
    }

    @Test("never wraps on a terminal, which may be resized meanwhile")
    func onATerminal() async throws {
        try await ShopFixture.with { fixture in
            let terminal = try PseudoTerminal(columns: 60)
            let other = try terminal.other()
            // Resized when the first bar has come.
            let reading = terminal.reading { text, terminal in
                if text.contains("left") { terminal.resize(columns: 30) }
            }
            let status = try await Lines.withFile(Lines.orders(0..<8_000).utf8) { path in
                try await fixture.shop.run(["events", "import", path], error: other)
            }
            #expect(status == .exited(0))
            let text = await reading.value
            let bars = text.split(separator: "\r\u{1b}[K").map(String.init)
            #expect(bars.count > 3, "\(text)")
            #expect(bars.allSatisfy { TerminalWidth.columns(of: $0) < 60 }, "\(text)")
            let last = try #require(bars.last { $0.contains("importing") })
            #expect(TerminalWidth.columns(of: last) < 30, "\(text)")
        }
    }
}
