import Hindsight
import HindsightProjections
import Logging

#if NATS
    import HindsightJetStream
#endif

/// Makes a log a mirror of another one: the same events in the same order, with their ids and versions.
struct EventMirror {
    let source: any EventLog
    let target: any EventLog
    let waiting: MirrorPatience
    let logger: Logger

    /// Copies until the end, or until a signal drains it.
    ///
    /// - Parameter end: where to end; nil to go on.
    /// - Returns: how many events were copied, and where it is in the source.
    func run(
        through end: Offset?, progress: @escaping @Sendable (Offset, Int64) -> Void
    ) async throws -> (copied: Int64, reached: Offset) {
        let changes = source.changes()
        return try await withTarget(onBreak: { changes.wake() }) { target in
            let draining = Drain()
            var consumer = MirrorConsumer(
                source: source, target: target, end: end, draining: draining, logger: logger,
                waiting: waiting, progress: progress)
            try await Interruptions.draining {
                draining.begin()
                changes.wake()
            } _: {
                try await EventFeed(log: source, changes: changes, heldInterval: .milliseconds(3)).run(&consumer)
            }
            return consumer.outcome
        }
    }

    private func withTarget<Value>(
        onBreak: @escaping @Sendable () -> Void, _ body: (any MirrorTarget) async throws -> Value
    ) async throws -> Value {
        let identity = try await source.identity()
        guard try await target.identity() != identity else {
            throw CommandError("\(waiting.target) is the log that is to be copied: name another one")
        }
        #if NATS
            if let stream = target as? JetStreamEventLog {
                return try await stream.withMirror(of: identity, onBreak: onBreak) { writer in
                    try await body(StreamMirror(writer: writer))
                }
            }
        #endif
        return try await body(try AppendingMirror(target, place: waiting.target))
    }
}
