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
struct OffsetWentBack: Error {
    let offset: Offset
}

/// The offset of a durable subscription, with its lease, on a connection of its own.
///
/// A lost connection is reopened and the lease taken again; if another reader has moved the offset by then, the
/// subscription was taken over.
actor DurableOffset {
    private let name: String
    private let database: PostgresConfiguration
    private let store: OffsetStore
    private let leaseDuration: Duration
    private let logger: Logger
    private var held: Lease?
    private var watch: LeaseWatch
    private var renewal: Task<Void, Never>?

    private struct Lease {
        var connection: PostgresConnection
        var key: ShardKey
        var epoch: Int64
        var offset: Offset
        var hasHandled: Bool
    }

    init(name: String, database: PostgresConfiguration, store: OffsetStore, leaseDuration: Duration, logger: Logger) {
        self.name = name
        self.database = database
        self.store = store
        self.leaseDuration = leaseDuration
        watch = LeaseWatch(duration: leaseDuration)
        self.logger = logger
    }

    /// Waits until the name is free, takes it, and returns its offset and whether it has handled events.
    func take(
        log: UUID, start: @Sendable () async throws -> Offset, isGivenUp: @Sendable () -> Bool
    ) async throws -> (Offset, hasHandled: Bool) {
        if let held { return (held.offset, held.hasHandled) }
        let key = ShardKey(kind: .subscription, name: name, version: 1, partition: 0, log: log)
        var backoff = Backoff()
        while !isGivenUp() {
            try Task.checkCancellation()
            do {
                if let lease = try await attempt(key, start) {
                    held = lease
                    keepAlive()
                    return (lease.offset, lease.hasHandled)
                }
                try await Task.sleep(for: min(leaseDuration / 4, .milliseconds(250)))
            } catch let error where error.isInterruption {
                try await Task.sleep(for: backoff.next())
            }
        }
        return (.beginning, false)
    }

    /// Stores the offset, together with what `work` writes.
    func advance(
        to offset: Offset, handling events: LogChecksum,
        _ work: @Sendable (inout PostgresSession) throws -> Void = { _ in }
    ) async throws {
        var backoff = Backoff()
        while true {
            guard let lease = held else { throw SubscriptionError(.misuse, "the subscription has ended") }
            let statement = store.advance(
                lease.key, epoch: lease.epoch, from: lease.offset, to: offset, applied: events, rate: 0,
                lease: leaseDuration)
            let opening = store.workOn([lease.key], atMost: leaseDuration)
            do {
                try await lease.connection.withTransaction(.readCommitted) { session in
                    try session.execute(opening)
                    try work(&session)
                    try session.execute(statement)
                }
                held?.offset = offset
                return
            } catch let error where error.sqlState == "HS001" {
                throw takenOver
            } catch let error where error.isInterruption {
                logger.debug("offset not stored, trying again", metadata: ["error.message": "\(error)"])
                try await Task.sleep(for: backoff.next())
                if try await reconnect(wanting: offset) { return }
            }
        }
    }

    /// Gives the name back.
    func close() async {
        renewal?.cancel()
        guard let lease = held else { return }
        held = nil
        let release = store.release(lease.key, epoch: lease.epoch)
        do {
            try await lease.connection.withSession { session in _ = try session.query(release) }
        } catch {
            logger.debug("lease not given back; it ends with its connection", metadata: ["error.message": "\(error)"])
        }
        await lease.connection.close()
    }

    /// - Parameter epoch: the epoch of the lease that was held before; nil if there was none.
    /// - Throws: ``SubscriptionError`` with `takenOver` when another reader has taken a later one.
    private func attempt(
        _ key: ShardKey, after epoch: Int64? = nil, _ start: @Sendable () async throws -> Offset
    ) async throws -> Lease? {
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do {
            let (store, leaseDuration, owner) = (store, leaseDuration, EngineConfiguration().node)
            let isNew = try await connection.withSession { session in try store.state(key, in: &session) == nil }
            let first = isNew ? try await start() : .beginning
            let unchanged = watch.unchanged(key)
            let take = try await connection.withTransaction(.readCommitted) { session in
                if isNew { try session.execute(store.make(key, at: first)) }
                return try store.take(key, owner: owner, for: leaseDuration, unchanged: unchanged, in: &session)
            }
            switch take {
            case .taken(let state, _, _):
                watch.forget(key)
                return Lease(
                    connection: connection, key: key, epoch: state.epoch, offset: state.offset,
                    hasHandled: state.applied > 0)
            case .held(let state):
                watch.note(key, state)
                if let epoch, state.epoch > epoch { throw takenOver }
            case .stopped, .missing, .blocked:
                break
            }
            await connection.close()
            return nil
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Takes the lease again after a lost connection, retrying while the server is away.
    ///
    /// - Returns: true if the offset is where it was to be, because the commit of unknown outcome had succeeded.
    private func reconnect(wanting offset: Offset) async throws -> Bool {
        // A connection that still works needs nothing.
        guard let lease = held, !lease.connection.isUsable else { return false }
        await lease.connection.close()
        var backoff = Backoff()
        while true {
            do {
                if let again = try await attempt(lease.key, after: lease.epoch, { .beginning }) {
                    held = again
                    if again.offset == offset { return true }
                    if again.offset == lease.offset { return false }
                    // Another reader has had it in between.
                    guard again.epoch <= lease.epoch + 1 else { throw takenOver }
                    // The server has crashed and lost unflushed commits, including what handlers wrote in them.
                    throw OffsetWentBack(offset: again.offset)
                }
                // The server has not yet noticed that the connection is gone, and the lease is still the one held here.
            } catch let error where error.isInterruption {
                logger.debug("lease not taken anew, trying again", metadata: ["error.message": "\(error)"])
            }
            try await Task.sleep(for: backoff.next())
        }
    }

    private var takenOver: SubscriptionError {
        SubscriptionError(.takenOver, "another reader has taken over the subscription \"\(name)\"")
    }

    /// Renews the lease, since handlers may take longer than a lease lasts.
    private func keepAlive() {
        renewal = Task { [weak self, leaseDuration] in
            while !Task.isCancelled {
                try? await Task.sleep(for: leaseDuration / 3)  // cancelled: the loop ends
                await self?.renew()
            }
        }
    }

    private func renew() async {
        guard let lease = held else { return }
        let statement = store.renew(lease.key, epoch: lease.epoch, for: leaseDuration)
        do {
            try await lease.connection.withSession { session in _ = try session.query(statement) }
        } catch {
            logger.debug("lease not renewed", metadata: ["error.message": "\(error)"])
        }
    }
}
