import ArgumentParser
import Hindsight
import HindsightPostgres

/// `database status`: the schema, the log and its size.
struct DatabaseStatusCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "status", abstract: "Show the schema's migrations, the log and its size.")
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .leave) { runtime in
            let steps = try await runtime.migrator.status()
            let isReady = steps.allSatisfy { $0.isApplied || $0.isOnline }
            let server = try await runtime.pool.withSession { session in
                try session.query("show server_version").first?.decode(0, as: String.self) ?? ""
            }
            let log = try await log(of: runtime, isReady: isReady)
            guard !runtime.output.isJSON else {
                return try runtime.output.write(Self.fields(steps, server, log, options))
            }
            try Self.write(steps, server, log, runtime)
        }
    }

    /// The log; nil if there is none yet.
    private func log(of runtime: AppRuntime, isReady: Bool) async throws -> LogSummary? {
        switch runtime.logChoice {
        case .database:
            return isReady ? try await LogSummary(runtime.log) : nil
        case .stream:
            do {
                return try await runtime.logRuntime.found { try await LogSummary(runtime.log) }
            } catch let error as MissingLog {
                runtime.output.note("\(error)")
                return nil
            }
        }
    }

    private static func fields(
        _ steps: [Migrator.Step], _ server: String, _ log: LogSummary?, _ options: RuntimeOptions
    ) -> OutputValue {
        .object([
            "schema": .string(options.schema), "server_version": .string(server),
            "up_to_date": .bool(steps.allSatisfy(\.isApplied)),
            "migrations": .array(
                steps.map {
                    .object([
                        "number": OutputValue($0.number), "name": .string($0.name), "applied": .bool($0.isApplied),
                    ])
                }),
            "log": log?.fields ?? .null,
        ])
    }

    private static func write(
        _ steps: [Migrator.Step], _ server: String, _ log: LogSummary?, _ runtime: AppRuntime
    ) throws {
        let output = runtime.output
        try output.write("\(runtime.place), PostgreSQL \(server), schema \"\(runtime.options.schema)\"")
        var table = Table([.init(name: "migration"), .init(name: "state")]) { try output.write($0) }
        for step in steps { try table.append([step.name, step.isApplied ? "applied" : "missing"]) }
        try table.finish()
        if !steps.allSatisfy(\.isApplied) {
            output.note("run `\(runtime.name) database migrate` to apply what is missing")
        }
        guard let log else { return }
        let place =
            switch runtime.logChoice {
            case .database: ""
            case .stream(let address): " in \(address)"
            }
        try output.write("log \(OutputValue.text(log.identity))\(place), head \(log.head)")
        guard let size = log.size else { return }
        try output.write("\(Table.grouped(size.events)) events in \(Table.grouped(size.streams)) streams")
    }
}
