import HindsightJSON
import HindsightLog
import HindsightPostgres
import HindsightProjections
import HindsightValues
import Synchronization

/// Answers queries from the read model.
struct ViewReader: Sendable {
    private let context: ProjectionContext
    private let views: Views

    /// The largest number of rows of an answer.
    private static let maximumRows: Int64 = 10_000
    /// How often a query is begun, if other versions are shown meanwhile.
    private static let maximumSwaps = 5
    /// How long a query may ask to wait for a position.
    private static let longestWait: Int64 = 60_000

    init(_ context: ProjectionContext) {
        self.context = context
        views = Views(context)
    }

    /// Lets reads that wait be woken by other processes' commits, until the task is cancelled.
    func run() async throws { try await views.run() }

    /// Answers a query.
    ///
    /// - Parameters:
    ///   - name: the projection's name.
    ///   - maximumBytes: the largest answer.
    /// - Throws: ``EventCentreError``, and errors of the database.
    func answer(_ name: String, _ bytes: [UInt8], maximumBytes: Int) async throws -> [UInt8] {
        let request = try Request(bytes, known: ["where", "order", "limit", "at_least", "timeout_ms"])
        let limit = try number("limit", request, from: 0, to: Self.maximumRows) ?? 100
        let position = try number("at_least", request, from: 0, to: .max) ?? 0
        let wait = try number("timeout_ms", request, from: 0, to: Self.longestWait) ?? 5_000
        let equalities = try request.texts("where").map { TextualView.Equality(column: $0.name, value: $0.value) }
        let orders = try request.strings("order").map(Self.order)
        let deadline = ContinuousClock.now + .milliseconds(wait)
        for _ in 0..<Self.maximumSwaps {
            let (view, version) = try await shown(name)
            let writer = RowList(view, name: name, version: version, maximumBytes: maximumBytes)
            let key = view.shape.columns.prefix(view.shape.keyCount).map { (column: $0.name, isDescending: false) }
            do {
                let location = PostgresIdentifier(schema: PostgresIdentifier(context.configuration.viewSchema), name)
                let statement = try view.select(location, equalities, orders.isEmpty ? key : orders, Int(limit))
                let remaining = max(deadline - .now, .zero)
                try await read(statement, of: name, version, atLeast: position, remaining, writer) { try view.text($0) }
                return writer.bytes
            } catch let error as ViewQueryError {
                throw EventCentreError(.invalidQuery, error.description)
            } catch is OtherVersionShown {
                // Its columns may be others.
                continue
            }
        }
        throw EventCentreError(
            .notFresh, "view \"\(name)\" was swapped \(Self.maximumSwaps) times while it was read: ask again",
            isRetriable: true)
    }

    /// Another version of the view was shown than the one that the query was made for.
    private struct OtherVersionShown: Error {}

    private func read(
        _ statement: SQL, of name: String, _ version: Int, atLeast position: Int64, _ timeout: Duration,
        _ writer: RowList, _ text: @escaping @Sendable (PostgresRow) throws -> [String?]
    ) async throws {
        do {
            try await views.forEachRow(statement, of: name, atLeast: position, timeout: timeout) { standing in
                guard standing.view.version == version else { throw OtherVersionShown() }
                writer.begin(at: standing.position)
            } _: {
                try writer.append(try text($0))
            }
        } catch let error as FreshReadError {
            throw EventCentreError(
                error.code == .notShown ? .notShown : .notFresh, error.description, isRetriable: error.isRetriable)
        } catch let error as PostgresError where ["42P01", "3F000", "42703"].contains(error.sqlState) {
            guard try await shown(name).version == version else { throw OtherVersionShown() }
            throw notShown(name, "it is not there, or not as this program declares it")
        }
    }

    private func number(_ name: String, _ request: Request, from least: Int64, to most: Int64) throws -> Int64? {
        guard let value = try request.integer(name) else { return nil }
        guard (least...most).contains(value) else {
            throw Request.malformed("\(name) is \(value); it is from \(least) to \(most)")
        }
        return value
    }

    private static func order(_ text: String) -> (column: String, isDescending: Bool) {
        text.hasSuffix(":desc") ? (String(text.dropLast(5)), true) : (text, false)
    }

    /// The view of the version that is shown: of several that the program declares, the one; else the newest, if its columns
    /// are there.
    private func shown(_ name: String) async throws -> (TextualView, version: Int) {
        let declared = context.projections.map(\.definition).filter { $0.name == name }
        guard let newest = declared.max(by: { $0.version < $1.version }), case .view = newest.kind else {
            let known = context.projections.map(\.name).joined(separator: ", ")
            throw EventCentreError(.unknownView, "there is no view \"\(name.prefix(128))\"; there are \(known)")
        }
        let shown = try await ProjectionAdministration(context).shown(newest)
        let definition = declared.first { $0.version == shown?.version } ?? newest
        guard case .view(let view) = definition.kind else {
            throw EventCentreError(.unknownView, "projection \"\(name)\" writes tables of its own: read them with SQL")
        }
        if let shown, shown.version != definition.version, !shown.missing.isEmpty {
            throw notShown(
                name, "version \(shown.version) is shown, which has no column \(shown.missing.joined(separator: ", "))")
        }
        return (view.textual, shown?.version ?? definition.version)
    }

    private func notShown(_ name: String, _ reason: String) -> EventCentreError {
        EventCentreError(.notShown, "view \"\(name)\" cannot be read: \(reason). The command `run` fills it")
    }
}

/// Rows of an answer, as they arrive.
private final class RowList: Sendable {
    private let list: Mutex<(bytes: [UInt8], count: Int)>
    private let columns: [ViewShape.Column]
    private let maximumBytes: Int

    init(_ view: TextualView, name: String, version: Int, maximumBytes: Int) {
        columns = view.shape.columns
        self.maximumBytes = maximumBytes
        var bytes = Array("{\"v\":\(Request.version),\"view\":".utf8)
        JSONWriter.append(name, to: &bytes)
        bytes += ",\"version\":\(version)".utf8
        list = Mutex((bytes, 0))
    }

    func begin(at position: Int64) {
        list.withLock { $0.bytes += ",\"position\":\(position),\"rows\":[".utf8 }
    }

    func append(_ row: [String?]) throws {
        try list.withLock { list in
            if list.count > 0 { list.bytes.append(UInt8(ascii: ",")) }
            list.count += 1
            ViewShape.appendJSON(row, columns, to: &list.bytes)
            guard list.bytes.count + 2 <= maximumBytes else {
                throw EventCentreError(
                    .tooLarge, "\(list.count) rows are more than the \(maximumBytes) bytes of an answer: ask for fewer")
            }
        }
    }

    var bytes: [UInt8] { list.withLock { $0.bytes + Array("]}".utf8) } }
}
