import ArgumentParser
import Hindsight

/// `events mirror`: copies a log to another one, or from it.
struct EventsMirrorCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "mirror", abstract: "Copy the log to a stream of JetStream, or from one.",
            discussion: """
                Each event is copied once, in the order of the log, with its id, version and times. It ends at the end of the log; with \
                --follow it goes on until SIGINT or SIGTERM. However it was ended, called again it goes on behind the last event that was \
                copied. A copy is for one mirror alone: where somebody else appends, or another mirror is at work, it ends with an error.

                A stream that does not exist is created. `projections move` takes the views along.
                """)
    }

    @Option(help: "Copy the app's log to this one, nats://HOST:PORT/STREAM or tls://….")
    var to: String?

    @Option(help: "Copy this log to the app's.")
    var from: String?

    @Flag(help: "Wait for further events.")
    var follow = false

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        guard (to == nil) != (from == nil), let text = to ?? from else {
            throw ValidationError("either --to or --from names the other log")
        }
        do {
            _ = try StreamAddress(text)
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        let address = try StreamAddress(to ?? from ?? "")
        try await App.withLog(options, schema: to == nil ? .migrate : .require) { runtime in
            try await LogOpening(address: address, client: App.name, logger: runtime.logger).open { other in
                let opened = LogRuntime(
                    log: other, registry: runtime.registry, output: runtime.output, options: options,
                    logger: runtime.logger, name: runtime.name, place: "\(address)")
                if to != nil {
                    try await opened.prepare(.migrate)
                    try await mirror(runtime, to: opened, runtime.output)
                } else {
                    _ = try await opened.found { try await opened.log.identity() }
                    // Its changes wake the mirror.
                    try await opened.finishing { try await mirror(opened, to: runtime, runtime.output) }
                }
            }
        }
    }

    private func mirror(_ source: LogRuntime, to target: LogRuntime, _ output: CommandOutput) async throws {
        let end = try await source.log.frontier()
        let progress = output.progress("mirroring", unit: "events")
        defer { progress.finish() }
        if follow { output.note("mirroring \(source.place) to \(target.place); Ctrl-C ends it") }
        let mirror = EventMirror(source: source.log, target: target.log, place: target.place, logger: source.logger)
        let (copied, reached) = try await interruptible {
            UnfinishedWork("interrupted; the same command goes on behind the last event that was copied")
        } _: {
            try await mirror.run(through: follow ? nil : end) { offset, count in
                progress.update(count, fraction: Double(offset.position) / Double(max(end.position, 1)))
            }
        }
        progress.finish()
        try output.result(
            ["events": .integer(copied), "position": .integer(reached.position)],
            text: """
                \(Table.grouped(copied)) events were copied to \(target.place), up to position \(reached.position) of \(source.place)
                """)
        if !follow, reached.position < end.position, let signal = Interruptions.drainedBy {
            throw Interrupted(
                signal: signal, message: "interrupted; the same command goes on behind the last event that was copied")
        }
    }
}
