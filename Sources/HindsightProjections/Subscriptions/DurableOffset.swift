import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Thrown when the stored offset is earlier than the reader's: events handled since must be handled again.
struct OffsetWentBack: Error {
    let offset: Offset
}

/// The offset of a durable subscription: stored on the pool's connections, under a lease of ``SubscriptionLeases``.
actor DurableOffset {
    private let name: String
    private let pool: PostgresPool
    private let store: OffsetStore
    private let leases: SubscriptionLeases
    private let leaseDuration: Duration
    private let logger: Logger
    private var reader: SubscriptionLeases.Reader?
    private var held: Held?

    private struct Held {
        let key: ShardKey
        var epoch: Int64
        var offset: Offset
        let hasHandled: Bool
    }

    init(name: String, pool: PostgresPool, schema: String, leaseDuration: Duration, logger: Logger) {
        self.name = name
        self.pool = pool
        self.leaseDuration = leaseDuration
        self.logger = logger
        store = OffsetStore(names: SchemaNames(schema: schema))
        leases = .of(pool, schema: schema, logger: logger)
    }

    /// Waits until the name is free, takes it, and returns its offset and whether it has handled events.
    ///
    /// - Parameter onLoss: told if another reader takes the name over.
    func take(
        log: UUID, start: @Sendable () async throws -> Offset, isGivenUp: @Sendable () -> Bool,
        onLoss: @escaping @Sendable (any Error) -> Void
    ) async throws -> (Offset, hasHandled: Bool) {
        if let held { return (held.offset, held.hasHandled) }
        let key = ShardKey(kind: .subscription, name: name, version: 1, partition: 0, log: log)
        let reader = if let reader { reader } else { await leases.join() }
        self.reader = reader
        var watch = LeaseWatch(duration: leaseDuration)
        var backoff = Backoff()
        while !isGivenUp() {
            try Task.checkCancellation()
            do {
                switch try await leases.take(
                    key, for: leaseDuration, by: reader, unchanged: watch.unchanged(key), onLoss: onLoss)
                {
                case .taken(let state, _, _):
                    held = Held(key: key, epoch: state.epoch, offset: state.offset, hasHandled: state.applied > 0)
                    return (state.offset, hasHandled: state.applied > 0)
                case .missing:
                    try await make(key, at: try await start())
                    continue
                case .held(let state):
                    watch.note(key, state)
                case .stopped, .blocked:
                    break
                }
                try await Task.sleep(for: min(leaseDuration / 4, .milliseconds(250)))
            } catch let error where error.isInterruption {
                try await Task.sleep(for: backoff.next())
            }
        }
        return (.beginning, false)
    }

    /// Not on the connection of the leases: it may wait for a transaction that makes the same.
    private func make(_ key: ShardKey, at start: Offset) async throws {
        let statement = store.make(key, at: start)
        try await pool.withSession { session in _ = try session.query(statement) }
    }

    /// Stores the offset, together with what `work` writes.
    func advance(
        to offset: Offset, handling events: LogChecksum,
        _ work: @Sendable (inout PostgresSession) throws -> Void = { _ in }
    ) async throws {
        var backoff = Backoff()
        /// The epoch of a transaction that may still commit for all that is known.
        var doubtful: Int64?
        var refusals = 0
        while true {
            let held = try await current(after: doubtful, wanting: offset)
            if held.offset == offset { return }
            let opening = store.workOn([held.key], atMost: leaseDuration)
            let statement = store.advance(
                held.key, epoch: held.epoch, from: held.offset, to: offset, applied: events, rate: 0,
                lease: leaseDuration)
            do {
                try await pool.withTransaction(.readCommitted) { session in
                    try session.execute(opening)
                    try work(&session)
                    try session.execute(statement)
                }
                self.held?.offset = offset
                return
            } catch let error where error.sqlState == "HS001" {
                // The lease may have been taken anew meanwhile, by this very reader.
                refusals += 1
                guard refusals < 3 else { throw SubscriptionError.takenOver(name) }
                doubtful = held.epoch
            } catch let error where error.isInterruption {
                logger.debug("offset not stored, trying again", metadata: ["error.message": "\(error)"])
                if (error as? PostgresError)?.code == .commitUnknown { doubtful = held.epoch }
                try await Task.sleep(for: backoff.next())
            }
        }
    }

    /// What is held, once it is certain which transactions have committed.
    ///
    /// - Parameters:
    ///   - epoch: that of a transaction that may still commit.
    ///   - wanted: where such a transaction would have moved the offset.
    private func current(after epoch: Int64?, wanting wanted: Offset) async throws -> Held {
        guard let reader, var known = held else { throw SubscriptionError(.misuse, "the subscription has ended") }
        let lease = try await leases.lease(of: reader, after: epoch)
        guard lease.epoch != known.epoch else { return known }
        let (old, offset) = (known, lease.state.offset)
        known.epoch = lease.epoch
        known.offset = offset
        held = known
        guard offset != old.offset, offset != wanted else { return known }
        // Another reader has had it in between.
        guard lease.epoch <= old.epoch + 1 else { throw SubscriptionError.takenOver(name) }
        // The server has crashed and lost unflushed commits, including what handlers wrote in them.
        throw OffsetWentBack(offset: offset)
    }

    /// Gives the name back.
    func close() async {
        guard let reader else { return }
        self.reader = nil
        held = nil
        await leases.leave(reader)
    }
}
