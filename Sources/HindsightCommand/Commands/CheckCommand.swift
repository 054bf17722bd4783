import ArgumentParser
import Hindsight

/// `check`: says to a monitor whether the projections and the durable subscriptions get on.
struct CheckCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: "Tell a monitor whether projections and durable subscriptions get on.",
            discussion: """
                One line, and a status as monitors know it: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

                What is measured is the time since a projection's last commit, as far as events that it wants have been waiting since: a log \
                in which nothing happens, and an engine that is slow or throttled, are well. A projection that has stopped or does not \
                belong to the log is critical at once; parked keys, a pause while events wait, and a declared version that was replaced are a \
                warning. If the database cannot be asked, or does not answer within ten seconds (and half a second more for each projection; thirty for all \
                subscriptions), the answer is unknown.

                Durable subscriptions are measured likewise. All are looked at that have ever read this log, whichever program reads them; one that nobody \
                reads although events wait stands still. Of one that no program of this release has read yet nobody knows which events it wants: it is a \
                warning at most.

                It only reads; a role with grant_read() may run it. `doctor` looks at everything else.
                """)
    }

    @Argument(
        help: "The projections' names. Defaults to all, and all subscriptions.",
        completion: NameCompletion<App>.projections)
    var names: [String] = []

    @Option(
        name: .customLong("subscription"),
        help: "The durable name of a subscription; may be given several times. Only what is named is looked at.")
    var subscriptions: [String] = []

    @Option(name: .customLong("warn"), help: "After how long a standstill is a warning, for example 30s or 5m.")
    var warning = WaitingTime(.seconds(60))

    @Option(name: .customLong("critical"), help: "After how long it is critical.")
    var critical = WaitingTime(.seconds(300))

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        guard warning.duration <= critical.duration else {
            throw ValidationError("--warn must not be longer than --critical")
        }
    }

    func run() async throws {
        let result = try await result()
        try result.write(to: CommandOutput(program: App.name, isJSON: options.json))
        guard result.verdict == .ok else { throw ExitCode(result.verdict.rawValue) }
    }

    private func result() async throws -> CheckResult {
        let limits = ProjectionHealth.Limits(warning: warning.duration, critical: critical.duration)
        do {
            return try await App.withRuntime(options, schema: .require) { runtime in
                let administration = runtime.administration
                let isAll = names.isEmpty && subscriptions.isEmpty
                let projections =
                    isAll || !names.isEmpty ? try await administration.health(of: names, limits: limits) : []
                let read =
                    isAll || !subscriptions.isEmpty
                    ? try await administration.health(ofSubscriptions: isAll ? nil : subscriptions, limits: limits) : []
                return CheckResult(projections, read, app: runtime.name)
            }
        } catch let error as UnreachableDatabase {
            return CheckResult(
                unknown: "\(error). To do: start the server, or mend DATABASE_URL or the PG… variables", app: App.name)
        } catch {
            // Whatever it is, a monitor has no answer.
            if Task.isCancelled { throw error }
            return CheckResult(unknown: ErrorReport.message(error), app: App.name)
        }
    }
}
