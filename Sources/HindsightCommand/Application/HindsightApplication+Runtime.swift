import Hindsight
import HindsightPostgres
import Logging

extension HindsightApplication {
    /// Opens the database, runs `body` with it, and closes it again, whatever happens.
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
        let output = CommandOutput(program: name, isJSON: options.json)
        let logger = output.logger(level: Logger.Level(rawValue: options.logLevel) ?? .notice)
        let choice = DatabaseChoice.current
        return try await choice.open(output: output, logger: logger) { configuration in
            let pool = PostgresPool(configuration: configuration, logger: logger)
            let runtime = AppRuntime(
                log: LogFactory(pool: pool, schema: options.schema, logger: logger).open(), pool: pool,
                database: configuration, registry: events, projections: projections, output: output, options: options,
                logger: logger, name: name, place: choice.description, isPrivate: choice.isLocal)
            do {
                try await runtime.prepare(schema, isPrivate: choice.isLocal)
                logger.debug(
                    "database ready", metadata: ["database.choice": "\(choice)", "schema.name": "\(options.schema)"])
                let value = try await runtime.running { try await body(runtime) }
                try output.flush()
                await runtime.close()
                return value
            } catch {
                await runtime.close()
                throw error
            }
        }
    }
}
