import ArgumentParser
import Hindsight

/// `doctor`: looks for what endangers the log and the views.
struct DoctorCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor",
            abstract: "Look for what endangers the log and the views, and say what to do about it.",
            discussion: """
                It looks at versions, settings that endanger durability, the schema and its indexes, the sequence of positions, offsets that \
                do not fit the log, what interrupted rebuilds have left, processes that hang, connections, long transactions and clocks. A \
                danger loses or spoils events or views, or will after a crash; a warning does not work as it should; a note is good to know. \
                The status is 1 if there is a danger or a warning, else 0.

                It only reads, disturbs nobody, and gives up each look at what somebody has locked after about five seconds. What this role may not see is listed as not \
                looked at: a member of pg_read_all_stats sees all.
                """)
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        let report: HealthReport
        do {
            report = try await App.withRuntime(options, schema: .leave) { runtime in
                try await runtime.administration.examine(app: runtime.name)
            }
        } catch let error as UnreachableDatabase {
            report = HealthReport([
                HealthFinding(
                    .danger, "The database cannot be reached.", evidence: ["error": "\(error)"],
                    remedy: "start the server, or mend DATABASE_URL or the PG… variables")
            ])
        } catch let error as UnreachableLog {
            report = HealthReport([
                HealthFinding(
                    .danger, "The log cannot be reached.", evidence: ["error": "\(error.reason)", "log": error.place],
                    remedy: UnreachableLog.remedy)
            ])
        }
        try HealthPrinter.write(report, to: CommandOutput(program: App.name, isJSON: options.json))
        if let worst = report.worst, worst > .note { throw ExitCode.failure }
    }
}
