import ArgumentParser
import Hindsight

#if NATS
    import HindsightJetStream
    import HindsightNATS
#endif

/// `events mirror`: copies a log to another one, or from it.
struct EventsMirrorCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "mirror", abstract: "Copy the log to a stream of JetStream, or from one.",
            discussion: """
                Each event is copied once, in the order of the log, with its id, version and times. It ends at the end of the log; with \
                --follow it goes on until SIGINT or SIGTERM. However it was ended, called again it goes on behind the last event that was \
                copied. A copy is for one mirror alone: where somebody else appends it ends with an error, and of two mirrors the second \
                one.

                A stream that does not exist is created. `projections move` takes the views along.

                A stream that somebody else has filled is copied to the log in the database if the app has a ForeignMapping of it: each \
                message that the mapping makes an event of, once, with an id that follows from its place.
                """)
    }

    @Option(help: "Copy the app's log to this one, nats://HOST:PORT/STREAM or tls://….")
    var to: String?

    @Option(help: "Copy this log to the app's.")
    var from: String?

    @Flag(help: "Wait for further events.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "For how long to wait for servers that do not answer. (default: 1m; with --follow, no limit)",
            valueName: "duration"))
    var patience: WaitingTime?

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
        if to != nil {
            try await App.withLog(options, schema: .require) { runtime in
                try await open(address, runtime) { other in
                    try await other.prepare(.migrate)
                    try await mirror(runtime, to: other)
                }
            }
        } else if case .database = try LogChoice.current(options) {
            let mapping = App.foreignMappings.first { $0.stream == address.stream }
            try await App.withRuntime(options) { runtime in
                try await MirrorLock(runtime, source: mapping?.stream).hold {
                    try await fetch(address, runtime.logRuntime, mapping)
                }
            }
        } else {
            try await App.withLog(options) { runtime in try await fetch(address, runtime, nil) }
        }
    }

    /// - Parameter mapping: how messages become events if somebody else has filled the stream; nil if it is a log.
    private func fetch(_ address: StreamAddress, _ runtime: LogRuntime, _ mapping: ForeignMapping?) async throws {
        try await open(address, runtime) { other in
            if let mapping { return try await copy(other, mapping, to: runtime) }
            do {
                _ = try await other.found { try await other.log.identity() }
            } catch let error as EventLogError where error.code == .unusableLog {
                throw CommandError(
                    "\(error.message). To copy a stream that somebody else has filled, give the app a ForeignMapping of it, and copy it to the log in the database"
                )
            }
            // Its changes wake the mirror.
            try await other.finishing { try await mirror(other, to: runtime) }
        }
    }

    private func open(
        _ address: StreamAddress, _ runtime: LogRuntime, _ body: (LogRuntime) async throws -> Void
    ) async throws {
        try await LogOpening(address: address, client: App.name, logger: runtime.logger).open { log in
            try await body(
                LogRuntime(
                    log: log, registry: runtime.registry, output: runtime.output, options: options,
                    logger: runtime.logger, name: runtime.name, place: "\(address)"))
        }
    }

    private func mirror(_ source: LogRuntime, to target: LogRuntime) async throws {
        let output = target.output
        // Before the end is read, so that what is committed behind an open append is not passed over without a word.
        if !follow, try await source.log.frontierHolders()?.isEmpty == false {
            output.note(
                "an append to \(source.place) is open: what was committed since it began is copied by the next call, when it has ended"
            )
        }
        let end = try await source.log.frontier()
        let progress = output.progress("mirroring", unit: "events")
        defer { progress.finish() }
        if follow { output.note("mirroring \(source.place) to \(target.place); Ctrl-C ends it") }
        let mirror = EventMirror(
            source: source.log, target: target.log, waiting: waiting(source, target), logger: source.logger)
        let (copied, reached) = try await interruptible {
            UnfinishedWork("interrupted; the same command goes on behind the last event that was copied")
        } _: {
            try await mirror.run(through: follow ? nil : end) { offset, count in
                progress.update(count, fraction: Double(offset.position) / Double(max(end.position, 1)))
            }
        }
        progress.finish()
        try report(copied, reached.position, end.position, source, target)
    }

    /// Copies a stream that somebody else has filled.
    private func copy(_ source: LogRuntime, _ mapping: ForeignMapping, to target: LogRuntime) async throws {
        #if NATS
            guard let log = source.log as? JetStreamEventLog else { return }
            let progress = target.output.progress("copying", unit: "events")
            defer { progress.finish() }
            if follow { target.output.note("copying \(source.place) to \(target.place); Ctrl-C ends it") }
            let copy = ForeignCopy(
                jetStream: JetStream(log.client), mapping: mapping, target: target.log,
                waiting: waiting(source, target), logger: source.logger)
            let (copied, reached, end) = try await interruptible {
                UnfinishedWork("interrupted; the same command goes on behind the last event that was copied")
            } _: {
                try await copy.run(follows: follow) { place, end, count in
                    progress.update(count, fraction: Double(place) / Double(max(end, 1)))
                }
            }
            progress.finish()
            try report(copied, reached, end, source, target)
        #endif
    }

    private func waiting(_ source: LogRuntime, _ target: LogRuntime) -> MirrorPatience {
        MirrorPatience(
            limit: patience?.duration ?? (follow ? nil : .seconds(60)), source: source.place, target: target.place)
    }

    private func report(
        _ copied: Int64, _ reached: Int64, _ end: Int64, _ source: LogRuntime, _ target: LogRuntime
    ) throws {
        try target.output.result(
            ["events": .integer(copied), "position": .integer(reached)],
            text: """
                \(Table.grouped(copied)) events were copied to \(target.place), up to position \(reached) of \(source.place)
                """)
        if !follow, reached < end, let signal = Interruptions.drainedBy {
            throw Interrupted(
                signal: signal, message: "interrupted; the same command goes on behind the last event that was copied")
        }
    }
}
