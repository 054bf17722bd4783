import ArgumentParser
import Hindsight
import ServiceLifecycle

/// `run`: runs the engine.
struct RunCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "run", abstract: "Keep the views up to date.",
            discussion: """
                Several processes may run at once: they share the projections, and when one ends the others go on with its own. SIGINT and \
                SIGTERM end it after the batch in flight, with status 0, or 130 and 143 if it was to go on until it had caught up. A \
                second one, or the end of the time that a batch is given, gives that up: it is rolled back, and the next process \
                applies it.
                """)
    }

    @Flag(help: "End when every projection has applied what is in the log now.")
    var untilCaughtUp = false

    @Option(help: "How many seconds a signal waits for the batch in flight, 0 to 86400.")
    var drainSeconds = 10

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        guard (0...86_400).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds is a whole number from 0 to 86400")
        }
    }

    func run() async throws {
        try await App.withRuntime(options, schema: .migrate) { runtime in
            let administration = runtime.administration
            let start = ContinuousClock.now
            let before = try await administration.list(measuringLag: false)
            let engine = ProjectionEngine(runtime.context)
            runtime.output.note(
                "\(untilCaughtUp ? "catching up" : "running") \(before.count) projections in \(runtime.fullPlace); Ctrl-C ends it"
            )
            let progress = CatchUpProgress(runtime, from: before)
            try await progress.shown {
                try await run(engine, runtime)
            }
            let after = try await administration.list()
            try Self.summarize(before: before, after: after, took: ContinuousClock.now - start, runtime)
            if untilCaughtUp, let signal = Interruptions.drainedBy {
                try runtime.output.flush()
                throw Interrupted(
                    signal: signal, message: "interrupted before it had caught up; the same command goes on from there")
            }
        }
    }

    /// Runs the engine until it ends by itself, or a signal has drained it.
    private func run(_ engine: ProjectionEngine, _ runtime: AppRuntime) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: EngineService(engine: engine, untilCaughtUp: untilCaughtUp),
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                logger: runtime.logger))
        try await Interruptions.draining(within: .seconds(drainSeconds)) {
            await group.triggerGracefulShutdown()
        } _: {
            try await group.run()
        }
    }

    private static func summarize(
        before: [ProjectionStatus], after: [ProjectionStatus], took: Duration, _ runtime: AppRuntime
    ) throws {
        let output = runtime.output
        let applied = zip(before, after).reduce(0) { $0 + $1.1.eventsApplied - $1.0.eventsApplied }
        let estimate = ProgressEstimate(count: max(0, applied), elapsed: took)
        guard !output.isJSON else {
            return try output.write(
                .object([
                    "events_applied": .integer(applied), "seconds": .number(estimate.seconds),
                    "rate": .number(estimate.rate.rounded()), "projections": .array(after.map(StatusTable.fields)),
                ]))
        }
        try StatusTable.write(after, [], runtime)
        output.note("\(Table.grouped(applied)) events applied in \(estimate.secondsText) s")
    }
}

/// The engine, as a service that may end by itself.
private struct EngineService: Service {
    let engine: ProjectionEngine
    let untilCaughtUp: Bool

    func run() async throws {
        if untilCaughtUp {
            try await engine.runUntilCaughtUp()
        } else {
            try await engine.run()
        }
    }
}
