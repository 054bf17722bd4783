import Hindsight
import HindsightPostgres

/// The rows of a projection's view as text, for callers that know only the projection's name.
struct ViewRows: Sendable {
    private let view: TextualView
    private let definition: ProjectionDefinition
    private let runtime: AppRuntime

    private var name: String { definition.name }

    /// - Throws: ``CommandError`` if there is no such projection, it has no view, or what is shown is a version that
    ///   lacks columns that this program reads.
    init(_ name: String, _ runtime: AppRuntime) async throws {
        let declared = runtime.projections.definitions.filter { $0.name == name }
        guard let newest = declared.max(by: { $0.version < $1.version }) else {
            let known = runtime.projections.definitions.map(\.name).joined(separator: ", ")
            throw CommandError("there is no projection \"\(name)\"; there are \(known)")
        }
        let shown = try await runtime.administration.shown(newest)
        // Of several versions that a program declares, it reads the one that is shown.
        let definition = declared.first { $0.version == shown?.version } ?? newest
        guard case .view(let view) = definition.kind else {
            throw CommandError("projection \"\(name)\" writes tables of its own: read them with SQL")
        }
        self.definition = definition
        self.view = view.textual
        self.runtime = runtime
        if let shown, shown.version != newest.version {
            let unshown = UnshownVersion(app: runtime.name, name: name, declared: newest.version, shown: shown)
            guard definition.version == shown.version || shown.missing.isEmpty else { throw unshown.error }
            runtime.output.note(unshown.note)
        }
    }

    /// The view's columns in declared order, the key's first.
    var columns: [ViewShape.Column] { view.shape.columns }

    /// The key's columns, to order by.
    var keyOrder: [(column: String, isDescending: Bool)] {
        columns.prefix(view.shape.keyCount).map { ($0.name, false) }
    }

    /// Delivers rows as they arrive, in constant memory.
    ///
    /// - Parameter freshness: how fresh the rows must be. Defaults to: as they are.
    /// - Throws: ``CommandError`` for arguments that do not fit the view, and if the view does not exist yet;
    ///   `FreshReadError`.
    func forEach(
        where equalities: [TextualView.Equality] = [], order: [(column: String, isDescending: Bool)], limit: Int? = nil,
        freshness: RowFreshness? = nil, _ body: @escaping @Sendable ([String?]) throws -> Void
    ) async throws {
        let location = PostgresIdentifier(schema: PostgresIdentifier(runtime.options.viewSchema), name)
        let statement = try view.select(location, equalities, order, limit)
        do {
            guard let freshness else {
                try await runtime.pool.withSession { session in
                    try session.forEachRow(statement) { try body(try view.text($0)) }
                }
                return
            }
            let views = Views(pool: runtime.pool, configuration: runtime.engineConfiguration, log: runtime.log)
            try await views.forEachRow(
                statement, of: name, atLeast: freshness.position, timeout: freshness.timeout,
                { try freshness.begin($0.position) }
            ) { try body(try view.text($0)) }
        } catch let error as PostgresError where ["42P01", "3F000"].contains(error.sqlState) {
            throw notThere(location)
        } catch let error as FreshReadError where error.code == .notShown {
            throw notThere(location)
        } catch let error as PostgresError where error.sqlState == "42703" {
            throw try await explanation(of: error)
        }
    }

    private func notThere(_ location: PostgresIdentifier) -> CommandError {
        CommandError(
            """
            view \(location) is not there yet in \(runtime.place): run `\(runtime.name) run --until-caught-up` first, or \
            name its schema with --view-schema
            """)
    }

    /// What it means that a declared column is not there: another version may have been shown since.
    private func explanation(of error: PostgresError) async throws -> any Error {
        guard let shown = try await runtime.administration.shown(definition), !shown.missing.isEmpty else {
            return error
        }
        guard shown.version == definition.version else {
            return UnshownVersion(app: runtime.name, name: name, declared: definition.version, shown: shown).error
        }
        return CommandError(
            """
            view "\(name)" is not as it was made, and has no column \(shown.missing.joined(separator: ", ")): undo the change, or \
            `\(runtime.name) projections rebuild \(name)`
            """)
    }

    /// A row as a JSON object: numbers and booleans as such, other values as strings.
    func json(_ row: [String?]) -> OutputValue { Self.json(row, columns) }

    /// A row with these columns as a JSON object, likewise.
    static func json(_ row: [String?], _ columns: [ViewShape.Column]) -> OutputValue {
        var bytes: [UInt8] = []
        ViewShape.appendJSON(row, columns, to: &bytes)
        return .json(bytes)
    }
}
