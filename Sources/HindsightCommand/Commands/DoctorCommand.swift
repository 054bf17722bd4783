import ArgumentParser
import Hindsight

/// `doctor`: looks for what endangers the log and the views.
struct DoctorCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor",
            abstract: "Look for what endangers the log and the views, and say what to do about it.",
            discussion: """
                It looks at versions, settings that endanger durability, the schema and its indexes, the sequence of positions, the stream \
                that the log is in and its servers, offsets that do not fit the log, what interrupted rebuilds have left, processes that hang, connections, long transactions and clocks. A \
                danger loses or spoils events or views, or will after a crash; a warning does not work as it should; a note is good to know. \
                The status is 1 if there is a danger or a warning, else 0.

                With --read-log it reads all events, too, which takes as long as that takes: once for each two million of them.

                It only reads, disturbs nobody, and gives up each look at what somebody has locked after about five seconds. What this role may not see is listed as not \
                looked at: a member of pg_read_all_stats sees all.
                """)
    }

    @Flag(
        help: """
            Read the whole log as well, and look for versions that do not follow each other in a stream, and ids that are there twice.
            """)
    var readLog = false

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        let report = try await report()
        try HealthPrinter.write(report, to: CommandOutput(program: App.name, isJSON: options.json))
        if let worst = report.worst, worst > .note { throw ExitCode.failure }
    }

    private func report() async throws -> HealthReport {
        do {
            return try await App.withRuntime(options, schema: .leave) { runtime in
                var report = try await runtime.administration.examine(app: runtime.name)
                report.add(try await inspect(runtime.logRuntime))
                return report
            }
        } catch let error as UnreachableDatabase {
            var report = HealthReport([
                HealthFinding(
                    .danger, "The database cannot be reached.", evidence: ["error": "\(error)"],
                    remedy: "start the server, or mend DATABASE_URL or the PG… variables")
            ])
            report.add(try await reportOfStream())
            return report
        } catch let error as UnreachableLog {
            return Self.unreachable(error)
        }
    }

    /// What is to be said of a log that is not in the database.
    private func reportOfStream() async throws -> HealthReport {
        guard case .stream = try LogChoice.current(options) else { return HealthReport() }
        do {
            return try await App.withLog(options, schema: .leave) { runtime in
                var report = try await runtime.log.examine(app: runtime.name)
                report.add(try await inspect(runtime))
                return report
            }
        } catch let error as UnreachableLog {
            return Self.unreachable(error)
        }
    }

    private static func unreachable(_ error: UnreachableLog) -> HealthReport {
        HealthReport([
            HealthFinding(
                .danger, "The log cannot be reached.", evidence: ["error": "\(error.reason)", "log": error.place],
                remedy: UnreachableLog.remedy)
        ])
    }

    /// Reads the log, if that was asked for.
    private func inspect(_ runtime: LogRuntime) async throws -> HealthReport {
        guard readLog else { return HealthReport() }
        let progress = runtime.output.progress("reading the log", unit: "events")
        defer { progress.finish() }
        return try await runtime.log.inspect { progress.update($0, fraction: $1) }
    }
}
