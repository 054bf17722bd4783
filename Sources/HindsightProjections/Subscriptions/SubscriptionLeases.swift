import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The leases of all durable subscriptions over a pool, on one connection beside it: it is opened for the first of them, closed when
/// the last has ended, and renews all leases in one commit. A lease ends with that connection, or when its time is up.
///
/// What subscriptions store runs on the pool's connections; the epoch of the lease fences it. A connection that is lost is opened
/// again, and the leases are taken anew: each has a new epoch then, and nothing that was begun under the old one can commit.
actor SubscriptionLeases {
    /// Counts subscriptions, so that a name's owner is told from another reader of this process.
    typealias Reader = Int

    private struct Member {
        let key: ShardKey
        let owner: String
        let duration: Duration
        /// Told when the lease is lost for good.
        let onLoss: @Sendable (any Error) -> Void
        var lease: SubscriptionLease
        /// The session that has the lease; nil if that is in doubt.
        var session: Int?
        var isRestoring = false
        var loss: (any Error)?
    }

    private struct Link {
        let connection: PostgresConnection
        let session: Int
    }

    /// How soon a lost connection is noticed while no subscription stores anything.
    private static let attention = Duration.milliseconds(250)

    private let database: PostgresConfiguration
    private let store: OffsetStore
    private let logger: Logger
    /// Tells it from others of this process, and from processes with the same name on other machines.
    private let node = "\(EngineConfiguration().node) \(UUID().uuidString.lowercased().prefix(8))"
    /// How many subscriptions want or have a lease.
    private var users = 0
    private var lastReader: Reader = 0
    private var lastSession = 0
    private var link: Link?
    private var opening: Task<Link, any Error>?
    private var members: [Reader: Member] = [:]
    private var keeper: Task<Void, Never>?

    init(database: PostgresConfiguration, store: OffsetStore, logger: Logger) {
        self.database = database
        self.store = store
        self.logger = logger
    }

    /// Those of a pool's subscriptions, whose offsets are in a schema.
    static func of(_ pool: PostgresPool, schema: String, logger: Logger) -> SubscriptionLeases {
        pool.companion(schema) {
            SubscriptionLeases(
                database: pool.configuration, store: OffsetStore(names: SchemaNames(schema: schema)), logger: logger)
        }
    }

    // MARK: - Coming and going

    /// A subscription that will want a lease; ``leave(_:)`` is its last call.
    func join() -> Reader {
        users += 1
        lastReader += 1
        return lastReader
    }

    /// Asks for a name, without waiting. Once it is taken, ``lease(of:after:)`` has the lease.
    ///
    /// - Parameters:
    ///   - unchanged: what the store has said of it for the duration of a lease, by this process's clock.
    ///   - onLoss: told if another reader takes it over.
    func take(
        _ key: ShardKey, for duration: Duration, by reader: Reader, unchanged: LeaseRenewal?,
        onLoss: @escaping @Sendable (any Error) -> Void
    ) async throws -> OffsetStore.Take {
        let link = try await connect()
        let (store, owner) = (store, owner(reader))
        let (take, lease) = try await Self.finish {
            try await link.connection.withSession { session in
                let take = try store.take(key, owner: owner, for: duration, unchanged: unchanged, in: &session)
                guard case .taken(let state, _, _) = take else { return (take, SubscriptionLease?.none) }
                return (take, try Self.lease(key, state, store, in: &session))
            }
        }
        if let lease {
            members[reader] = Member(
                key: key, owner: owner, duration: duration, onLoss: onLoss, lease: lease, session: link.session)
            keeper = keeper ?? Task { await keep() }
        }
        return take
    }

    /// Whether a subscription has taken its lease.
    func has(_ reader: Reader) -> Bool { members[reader] != nil }

    /// Whether another reader has a subscription's name, or has had it, by what the store says of it.
    func isTakenOver(_ reader: Reader, _ state: ShardState?) -> Bool {
        guard let member = members[reader] else { return false }
        guard member.loss == nil, let state else { return true }
        return state.epoch > member.lease.epoch && state.owner != member.owner
    }

    /// Gives a subscription's lease back, if it has one.
    func leave(_ reader: Reader) async {
        if let member = members.removeValue(forKey: reader), member.loss == nil, let link, isOpen(link) {
            await release(member.key, epoch: member.lease.epoch, on: link)
        }
        users -= 1
        guard users == 0 else { return }
        keeper?.cancel()
        keeper = nil
        let last = link
        link = nil
        await last?.connection.close()
    }

    /// Does not wait for long: whoever has the row locked would have all leases wait that are renewed on this connection.
    private func release(_ key: ShardKey, epoch: Int64, on link: Link) async {
        let release = store.release(key, epoch: epoch)
        do {
            try await Self.finish {
                // In one round trip: nobody finds the row locked by a process that hangs in between.
                try await link.connection.withSession { session in
                    _ = try session.pipeline(["select set_config('lock_timeout', '250ms', true)", release])
                }
            }
        } catch {
            logger.debug(
                "lease not given back; it ends with its connection, or when its time is up",
                metadata: ["error.message": "\(error)"])
        }
    }

    /// The lease of a subscription, once this process has it for certain: taken anew if its connection was lost.
    ///
    /// - Parameter epoch: the lease is taken anew as well if it has this epoch still, so that what was begun under it has either
    ///   been committed before, or never is.
    /// - Throws: ``SubscriptionError`` with `takenOver` if another reader has it.
    func lease(of reader: Reader, after epoch: Int64? = nil) async throws -> SubscriptionLease {
        var backoff = Backoff.within(lease: members[reader]?.duration ?? .seconds(1))
        while true {
            if let lease = try settled(reader, after: epoch) { return lease }
            do {
                try await restore(reader)
            } catch let error where error.isInterruption {
                logger.debug("lease not taken anew, trying again", metadata: ["error.message": "\(error)"])
            }
            if let lease = try settled(reader, after: epoch) { return lease }
            try await Task.sleep(for: backoff.next())
        }
    }

    private func settled(_ reader: Reader, after epoch: Int64?) throws -> SubscriptionLease? {
        guard let member = members[reader] else { throw SubscriptionError(.misuse, "the subscription has ended") }
        if let loss = member.loss { throw loss }
        guard isHeld(member), epoch.map({ member.lease.epoch > $0 }) ?? true else { return nil }
        return member.lease
    }

    // MARK: - The connection

    private func isOpen(_ link: Link) -> Bool { link.session == self.link?.session && link.connection.isUsable }

    private func isHeld(_ member: Member) -> Bool {
        guard let link, isOpen(link), !member.isRestoring else { return false }
        return member.session == link.session
    }

    private func connect() async throws -> Link {
        if let link, isOpen(link) { return link }
        let attempt = opening ?? Task { try await open() }
        opening = attempt
        return try await attempt.value
    }

    private func open() async throws -> Link {
        defer { opening = nil }
        let old = link
        link = nil
        await old?.connection.close()
        let connection = try await PostgresConnection.connect(database, logger: logger)
        guard users > 0 else {
            await connection.close()
            // Who has come meanwhile tries again.
            throw PostgresError(.connectionLost, "the connection of the leases is not needed any more")
        }
        lastSession += 1
        let new = Link(connection: connection, session: lastSession)
        link = new
        return new
    }

    /// Runs a unit of work to its end, also if the caller is cancelled: otherwise nobody would know whether a lease was taken.
    private static func finish<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await Task { try await work() }.value
        } catch let error as PostgresError where error.code == .closed {
            // Somebody has opened another one in its place.
            throw PostgresError(.connectionLost, "the connection of the leases was replaced", underlying: error)
        }
    }

    private func owner(_ reader: Reader) -> String { "\(node) reader \(reader)" }

    // MARK: - Keeping

    private func keep() async {
        var renewed = ContinuousClock.now
        while !Task.isCancelled {
            let interval = members.values.map(\.duration).min().map { $0 / 3 } ?? Self.attention
            try? await Task.sleep(for: min(interval, Self.attention))  // cancelled: the loop ends
            for reader in members.keys.sorted() where members[reader].map({ !isHeld($0) }) ?? false {
                guard !Task.isCancelled else { return }
                do {
                    try await restore(reader)
                } catch {
                    logger.debug("lease not taken anew, trying again", metadata: ["error.message": "\(error)"])
                }
            }
            guard !Task.isCancelled, ContinuousClock.now - renewed >= interval else { continue }
            renewed = .now
            await renew()
        }
    }

    /// Renews all leases in one commit, since handlers may take longer than a lease lasts.
    private func renew() async {
        let held = members.filter { $0.value.loss == nil && isHeld($0.value) }.sorted { $0.value.key < $1.value.key }
        guard let link, !held.isEmpty else { return }
        let (store, leases) = (store, held.map { ($0.value.key, $0.value.lease.epoch, $0.value.duration) })
        do {
            let lost = try await link.connection.withSession { session in try store.renew(leases, in: &session) }
            for index in lost {
                let (reader, known) = held[index]
                guard members[reader]?.lease.epoch == known.lease.epoch else { continue }
                members[reader]?.session = nil
            }
        } catch {
            logger.debug("leases not renewed", metadata: ["error.message": "\(error)"])
        }
    }

    // MARK: - Taking anew

    /// What came of taking a lease anew.
    private enum Restoration: Sendable {
        case taken(SubscriptionLease)
        /// A transaction has the row locked, or a former owner is being ended.
        case busy
        case lost
    }

    /// Takes a lease anew that was this subscription's, in whatever state its connection is.
    private func restore(_ reader: Reader) async throws {
        guard let member = members[reader], !member.isRestoring, member.loss == nil else { return }
        members[reader]?.isRestoring = true
        defer { members[reader]?.isRestoring = false }
        let link = try await connect()
        let restoration: Restoration
        do {
            restoration = try await Self.finish { [store] in
                try await link.connection.withTransaction { session in
                    try Self.restore(member, store, in: &session)
                }
            }
        } catch is Overtaken {
            restoration = .lost
        }
        switch restoration {
        case .taken(let lease):
            guard members[reader] != nil else {
                // It has ended meanwhile.
                return await release(member.key, epoch: lease.epoch, on: link)
            }
            members[reader]?.lease = lease
            members[reader]?.session = link.session
        case .busy:
            break
        case .lost:
            let loss = SubscriptionError.takenOver(member.key.name)
            members[reader]?.loss = loss
            member.onLoss(loss)
        }
    }

    /// Another process has been quicker; nothing is to be changed.
    private struct Overtaken: Error {}

    private static func restore(
        _ member: Member, _ store: OffsetStore, in session: inout PostgresSession
    ) throws -> Restoration {
        let key = member.key
        // Ends this transaction if the process hangs in it: it has the row locked from here on.
        try session.execute("set local lock_timeout = '250ms'")
        try session.execute(store.workOn([key], atMost: member.duration))
        guard let found = try store.state(key, in: &session) else { return .lost }
        guard found.epoch == member.lease.epoch || found.owner == member.owner else {
            switch try store.take(key, owner: member.owner, for: member.duration, in: &session) {
            case .taken(let state, _, _): return .taken(try lease(key, state, store, in: &session))
            case .held, .missing, .stopped: return .lost
            case .blocked: return .busy
            }
        }
        // It is this subscription's still, whatever has become of the session that had it.
        guard let state = try store.hold(key, owner: member.owner, for: member.duration, from: 0, in: &session) else {
            return .busy
        }
        guard state.epoch == found.epoch + 1 else { throw Overtaken() }
        return .taken(try lease(key, state, store, in: &session))
    }

    /// Read once the lease has been taken: nothing is noted under an earlier one any more.
    private static func lease(
        _ key: ShardKey, _ state: ShardState, _ store: OffsetStore, in session: inout PostgresSession
    ) throws -> SubscriptionLease {
        let handled = SubscriptionProgress(offset: state.offset, beyond: try store.handled(of: key, in: &session))
        return SubscriptionLease(
            epoch: state.epoch, hasHandled: state.applied > 0 || !handled.beyond.isEmpty, handled: handled)
    }
}
