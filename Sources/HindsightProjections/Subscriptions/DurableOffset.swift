import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Thrown when the stored offset is earlier than the reader's: events handled since must be handled again.
struct OffsetWentBack: Error {}

/// What a durable subscription stores, on the pool's connections, under a lease of ``SubscriptionLeases``.
///
/// What is stored for which event, ``SubscriptionState`` decides.
final class DurableOffset: Sendable {
    private let name: String
    private let pool: PostgresPool
    private let store: OffsetStore
    private let leases: SubscriptionLeases
    private let leaseDuration: Duration
    let logger: Logger
    private let taken = Mutex<Taken?>(nil)

    private struct Taken {
        let reader: SubscriptionLeases.Reader
        let key: ShardKey
    }

    /// How many times in a row the lease may have been taken anew, for other transactions of this subscription, while one was under way.
    private static let maximumRefusals = 20

    /// How many times in a row a handler may have left its transaction idle for longer than the lease.
    private static let maximumIdleEnds = 3

    /// Thrown in a transaction that turns out to have nothing to store.
    private struct NothingToStore: Error {}

    init(name: String, pool: PostgresPool, schema: String, leaseDuration: Duration, logger: Logger) {
        self.name = name
        self.pool = pool
        self.leaseDuration = leaseDuration
        self.logger = logger
        store = OffsetStore(names: SchemaNames(schema: schema))
        leases = .of(pool, schema: schema, logger: logger)
    }

    /// How many handlers can have a connection at the same time, if one is left for those who read the log.
    var handlersAtOnce: Int { max(pool.maximumConnections - 1, 1) }

    // MARK: - The name

    /// Waits until the name is free, and takes it.
    ///
    /// - Parameters:
    ///   - filter: what it reads, for those who look after it.
    ///   - onLoss: told if another reader takes the name over.
    /// - Returns: nil if it was given up.
    /// - Throws: ``SubscriptionError`` with `moved`: its offset is one of a copy of the log by now.
    func take(
        log: UUID, filter: EventFilter, start: @Sendable () async throws -> Offset, isGivenUp: @Sendable () -> Bool,
        onLoss: @escaping @Sendable (any Error) -> Void
    ) async throws -> SubscriptionLease? {
        let key = ShardKey(kind: .subscription, name: name, version: 1, partition: 0, log: log)
        let reader = await reader(key)
        if await leases.has(reader) { return try await lease(of: reader, key, filter) }
        var watch = LeaseWatch(duration: leaseDuration)
        var backoff = Backoff.within(lease: leaseDuration)
        while !isGivenUp() {
            try Task.checkCancellation()
            do {
                switch try await leases.take(
                    key, for: leaseDuration, by: reader, unchanged: watch.unchanged(key), onLoss: onLoss)
                {
                case .taken:
                    return try await lease(of: reader, key, filter)
                case .missing:
                    try await make(key, at: try await start())
                    continue
                case .held(let state):
                    watch.note(key, state)
                case .stopped(let state):
                    throw SubscriptionError.moved(name, state.error)
                case .blocked:
                    break
                }
                // Who waits for a name sees many faults in its time.
                backoff.reset()
                try await Task.sleep(for: min(leaseDuration / 4, .milliseconds(250)))
            } catch let error where error.isInterruption {
                try await Task.sleep(for: backoff.next())
            }
        }
        return nil
    }

    /// The lease, once it is noted what the subscription reads. Without that note it can be read as well.
    private func lease(
        of reader: SubscriptionLeases.Reader, _ key: ShardKey, _ filter: EventFilter
    ) async throws -> SubscriptionLease {
        let lease = try await leases.lease(of: reader)
        let note = store.describe(key, epoch: lease.epoch, wanting: filter)
        do {
            try await pool.withSession { session in
                // Whoever has locked the row may take their time.
                _ = try session.pipeline(["select set_config('lock_timeout', '250ms', true)", note])
            }
        } catch {
            logger.debug("what a subscription reads was not noted", metadata: ["error.message": "\(error)"])
        }
        return lease
    }

    private func reader(_ key: ShardKey) async -> SubscriptionLeases.Reader {
        if let known = taken.withLock({ $0 }) { return known.reader }
        let reader = await leases.join()
        taken.withLock { $0 = Taken(reader: reader, key: key) }
        return reader
    }

    /// Not on the connection of the leases: it may wait for a transaction that makes the same.
    private func make(_ key: ShardKey, at start: Offset) async throws {
        let statement = store.make(key, at: start)
        try await pool.withSession { session in _ = try session.query(statement) }
    }

    /// Gives the name back.
    func close() async {
        let last = taken.withLock { taken in
            defer { taken = nil }
            return taken
        }
        if let last { await leases.leave(last.reader) }
    }

    // MARK: - Storing

    /// Stores that an event of a subscription has been handled, together with what `work` writes.
    ///
    /// - Parameter position: the event's; nil to move the offset past events that were noted before.
    /// - Throws: ``OffsetWentBack`` if the event has to be handled again, later.
    func commit(
        _ position: Int64?, of subscription: Subscription,
        _ work: @Sendable (inout PostgresSession) throws -> Void = { _ in }
    ) async throws {
        guard let taken = taken.withLock({ $0 }) else { throw SubscriptionError(.misuse, "the subscription has ended") }
        var backoff = Backoff.within(lease: leaseDuration)
        /// The epoch of a transaction that may still commit for all that is known.
        var doubtful: Int64?
        var refusals = 0
        var idleEnds = 0
        // True while nothing is reserved or marked for what is to be stored.
        var isRevoked = false
        while true {
            let lease = try await leases.lease(of: taken.reader, after: doubtful)
            try subscription.adopt(lease)
            if doubtful != nil {
                doubtful = nil
                guard isRevoked || !subscription.settle(position, by: lease.handled) else { return }
                isRevoked = true
            }
            if subscription.isGoingBack { throw OffsetWentBack() }
            // What was revoked, somebody else may be storing by now.
            if position == nil, isRevoked, !subscription.reserveAdvance() { return }
            isRevoked = false
            do {
                try await pool.withTransaction(.readCommitted) { [store, leaseDuration] session in
                    try session.execute(store.workOn([taken.key], atMost: leaseDuration))
                    try work(&session)
                    guard let mark = subscription.mark(position) else {
                        throw subscription.isGoingBack ? OffsetWentBack() : NothingToStore()
                    }
                    try session.execute(statement(mark, taken.key, epoch: lease.epoch))
                }
                return subscription.stored(position)
            } catch is NothingToStore {
                return
            } catch let error where error.sqlState == "HS001" {
                subscription.revoked(position)
                isRevoked = true
                // The lease may have been taken anew meanwhile, by this very reader.
                refusals += 1
                guard refusals < Self.maximumRefusals else { throw SubscriptionError.takenOver(name) }
                doubtful = lease.epoch
            } catch let error where error.isInterruption {
                if error.sqlState == "25P03" { idleEnds += 1 }
                guard idleEnds < Self.maximumIdleEnds else {
                    subscription.revoked(position)
                    throw SubscriptionError.handlerTooSlow(name, leaseDuration)
                }
                logger.debug("offset not stored, trying again", metadata: ["error.message": "\(error)"])
                if (error as? PostgresError)?.code == .commitUnknown {
                    doubtful = lease.epoch
                } else {
                    subscription.revoked(position)
                    isRevoked = true
                }
                try await Task.sleep(for: backoff.next())
            } catch {
                subscription.revoked(position)
                throw error
            }
        }
    }

    /// Why a handler has failed: if another reader has the name by now, the handler may have met with what that one has written.
    func cause(of error: any Error) async -> any Error {
        guard !(error is CancellationError), !(error is SubscriptionError), let taken = taken.withLock({ $0 }) else {
            return error
        }
        do {
            let state = try await pool.withSession { [store] session in try store.state(taken.key, in: &session) }
            guard await leases.isTakenOver(taken.reader, state) else { return error }
            logger.notice(
                "the handler failed, and another reader has the subscription's name by now",
                metadata: ["subscription.name": "\(name)", "error.message": "\(error)"])
            return SubscriptionError.takenOver(name)
        } catch {
            logger.debug("nobody knows who has the subscription's name", metadata: ["error.message": "\(error)"])
        }
        return error
    }

    private func statement(_ mark: SubscriptionMark, _ key: ShardKey, epoch: Int64) -> SQL {
        switch mark {
        case .advance(let old, let new, let events):
            store.advance(key, epoch: epoch, from: old, to: new, applied: events, rate: 0, lease: leaseDuration)
        case .note(let place):
            // The offset may move meanwhile, as far as this event at most.
            store.note(
                handled: ([place.position], place.anchor.map { [$0] } ?? []), of: key, epoch: epoch, beyond: nil,
                lease: leaseDuration)
        }
    }
}
