public import ArgumentParser
import Logging

/// The options that every command has: the schemas of the engine's objects, and the form of the output.
///
/// The environment determines the database: `DATABASE_URL`, else the usual `PG…` variables, else a private server in
/// the folder that `HINDSIGHT_HOME` names. If it names none, the nearest `.hindsight` in the current folder and those
/// above is taken, or made beside the nearest `Package.swift`. The log is in the database, or where ``log`` or `HINDSIGHT_LOG` says; then a command
/// that needs nothing but the log opens a database only for the index of ids (``idIndex``).
public struct RuntimeOptions: ParsableArguments, Sendable {
    /// Where the log is, if it is in a stream of JetStream: `nats://HOST:PORT/STREAM`, or `tls://…`. Defaults to what `HINDSIGHT_LOG`
    /// says, and otherwise to the database.
    @Option(
        help: """
            The event log, nats://HOST:PORT/STREAM or tls://…, several servers separated by commas. Defaults to HINDSIGHT_LOG, else \
            the log in the database.
            """)
    public var log: String?

    /// True if commands that append to a log in a stream look for ids in an index in the database, which knows them for ever and in any
    /// stream. Defaults to what `HINDSIGHT_ID_INDEX` says, 1 or 0, and otherwise to false.
    @Flag(
        help: """
            Append to a log in a stream with an index of its ids in the database, which knows them for ever. Defaults to \
            HINDSIGHT_ID_INDEX, 1 or 0, else off.
            """)
    public var idIndex = false

    /// The schema of the engine's own objects. Defaults to `hindsight`.
    @Option(help: "The schema of the event log and the engine's tables.")
    public var schema = "hindsight"

    /// The schema of the views' stable names. Defaults to `public`.
    @Option(help: "The schema in which views are read.")
    public var viewSchema = "public"

    /// True if results are meant for programs: JSON objects and arrays, JSON Lines for streams of events.
    @Flag(help: "Write results as JSON.")
    public var json = false

    /// The least important log messages to show on standard error. Defaults to `notice`.
    @Option(help: "trace, debug, info, notice, warning, error or critical: what to log on standard error.")
    public var logLevel = "notice"

    /// The defaults.
    public init() {}

    /// Checks what the parser cannot check.
    public func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(logLevel)' is not a log level; there are \(levels)")
        }
        if let log {
            do {
                _ = try StreamAddress(log)
            } catch {
                throw ValidationError(error.description)
            }
        }
        for name in [schema, viewSchema] where name.isEmpty || name.utf8.count > 63 {
            throw ValidationError("the name of a schema has 1 to 63 bytes")
        }
    }
}
