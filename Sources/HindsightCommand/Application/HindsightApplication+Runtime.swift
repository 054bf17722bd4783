import Hindsight
import HindsightPostgres
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension HindsightApplication {
    /// Opens the database and the log, runs `body` with them, and closes them again, whatever happens.
    ///
    /// The database is the one that the environment names, or the private local one, which is started if need be and
    /// stopped when it has no users any more. By the time this returns, other processes have been notified of events
    /// that `body` has appended. SIGINT and SIGTERM cancel the task in which `body` runs; the process then ends with a
    /// status other than 0.
    ///
    /// ```swift
    /// struct Simulate: AsyncParsableCommand {
    ///     @OptionGroup var options: RuntimeOptions
    ///
    ///     func run() async throws {
    ///         try await Shop.withRuntime(options) { runtime in
    ///             try await runtime.log.append(event, to: "order-1")
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - options: the options that every command has.
    ///   - schema: what to do about the engine's schema. Defaults to migrating it.
    ///   - body: the work.
    /// - Throws: what `body` throws; an error if the database cannot be reached or its schema cannot be used.
    public static func withRuntime<Value>(
        _ options: RuntimeOptions, schema: SchemaPreparation = .migrate, _ body: (AppRuntime) async throws -> Value
    ) async throws -> Value {
        let (output, logger) = (output(options), logger(options))
        let log = try LogChoice.current(options)
        let usesIDIndex = try usesIDIndex(log, options, schema)
        return try await withDatabase(options) { choice, configuration in
            let pool = PostgresPool(configuration: configuration, logger: logger)
            do {
                let value = try await open(log, in: pool, usesIDIndex: usesIDIndex, options) { opened in
                    let runtime = AppRuntime(
                        log: opened, pool: pool, database: configuration, registry: events, projections: projections,
                        output: output, options: options, logger: logger, name: name, place: choice.description,
                        isPrivate: choice.isLocal, logChoice: log)
                    try await runtime.prepare(schema)
                    logger.debug(
                        "database ready",
                        metadata: ["database.choice": "\(choice)", "schema.name": "\(options.schema)"])
                    return try await runtime.logRuntime.finishing { try await body(runtime) }
                }
                await pool.close()
                return value
            } catch {
                await pool.close()
                throw error
            }
        }
    }

    /// Opens the log, runs `body` with it, and closes it again, whatever happens. A database is opened only if the log is in one, or the
    /// index of its ids.
    ///
    /// Otherwise it is as ``withRuntime(_:schema:_:)``.
    ///
    /// - Parameters:
    ///   - options: the options that every command has.
    ///   - schema: what to do about a log that is missing. Defaults to making it.
    ///   - body: the work.
    /// - Throws: what `body` throws; an error if the log cannot be reached or is missing.
    public static func withLog<Value>(
        _ options: RuntimeOptions, schema: SchemaPreparation = .migrate, _ body: (LogRuntime) async throws -> Value
    ) async throws -> Value {
        let log = try LogChoice.current(options)
        switch log {
        case .database:
            return try await withRuntime(options, schema: schema) { try await body($0.logRuntime) }
        case .stream where try usesIDIndex(log, options, schema):
            return try await withRuntime(options, schema: schema) { try await body($0.logRuntime) }
        case .stream(let address):
            let (output, logger) = (output(options), logger(options))
            return try await LogOpening(address: address, client: name, logger: logger).open { log in
                let runtime = LogRuntime(
                    log: log, registry: events, output: output, options: options, logger: logger, name: name,
                    place: "\(address)")
                try await runtime.prepare(schema)
                logger.debug("log ready", metadata: ["log.place": "\(address)"])
                return try await runtime.finishing { try await body(runtime) }
            }
        }
    }

    /// Runs `body` with the database alone, wherever the log is.
    static func withDatabase<Value>(
        _ options: RuntimeOptions, _ body: (DatabaseChoice, PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        let choice = DatabaseChoice.current
        return try await choice.open(output: output(options), logger: logger(options)) { configuration in
            try await body(choice, configuration)
        }
    }

    /// Opens a log that may be in the database.
    private static func open<Value>(
        _ choice: LogChoice, in pool: PostgresPool, usesIDIndex: Bool, _ options: RuntimeOptions,
        _ body: (any EventLog) async throws -> Value
    ) async throws -> Value {
        switch choice {
        case .database:
            try await body(LogFactory(pool: pool, schema: options.schema, logger: logger(options)).open())
        case .stream(let address):
            try await LogOpening(
                address: address, client: name, logger: logger(options),
                ids: usesIDIndex ? (pool, options.schema) : nil
            ).open { try await body($0) }
        }
    }

    private static func usesIDIndex(
        _ log: LogChoice, _ options: RuntimeOptions, _ schema: SchemaPreparation
    ) throws(CommandError) -> Bool {
        try log.usesIDIndex(
            option: options.idIndex, environment: ProcessInfo.processInfo.environment, preparation: schema)
    }

    static func output(_ options: RuntimeOptions) -> CommandOutput {
        CommandOutput(program: name, isJSON: options.json)
    }

    private static func logger(_ options: RuntimeOptions) -> Logger {
        output(options).logger(level: Logger.Level(rawValue: options.logLevel) ?? .notice)
    }
}
