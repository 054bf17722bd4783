public import Hindsight
public import Logging

/// The resources of a command that needs the log and nothing else, so that a database is opened only if the log is in one. Valid while
/// the command runs.
public struct LogRuntime: Sendable {
    /// The app's event log.
    public let log: any EventLog
    /// The app's event types.
    public let registry: EventRegistry
    /// Where results, notes and progress go.
    public let output: CommandOutput
    /// The options of the command.
    public let options: RuntimeOptions
    /// The logger for messages of libraries, which go to standard error.
    public let logger: Logger
    /// The app's name.
    public let name: String
    /// A description of where the log is, without secrets.
    public let place: String

    /// Makes the log, or refuses one that is missing, as a command demands.
    func prepare(_ preparation: SchemaPreparation) async throws {
        switch preparation {
        case .leave: return
        case .migrate: try await log.prepare()
        case .require: _ = try await found { try await log.identity() }
        }
    }

    /// The result of asking the log.
    ///
    /// - Throws: ``MissingLog`` if there is none.
    func found<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch  where LogOpening.isMissing(error) {
            throw MissingLog(place: place, program: name)
        }
    }

    /// Runs `body` while the log runs, writes what is left of its output, and notifies other processes of its appends, however it ends.
    func finishing<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await running(body)
            try output.flush()
            await announce()
            return value
        } catch {
            await announce()
            throw error
        }
    }

    private func announce() async {
        // A task of its own: events that a command stored before it was cancelled must be announced, too.
        await Task { [log] in await log.flush() }.value
    }

    /// Runs the log while `body` works with it.
    private func running<Value>(_ body: () async throws -> Value) async throws -> Value {
        func run(_ log: some EventLog) async throws -> Value { try await withRunning(log) { _ in try await body() } }
        return try await run(log)
    }
}
