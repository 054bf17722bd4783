import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes, keeps and gives back the leases of an engine's projections, on a connection of its own; the leases end with that
/// connection.
///
/// With each look it renews the leases of its node, all in one commit, and sees who else is there and what is free.
struct LeaseKeeper: Sendable {
    let definitions: [ProjectionDefinition]
    let catalog: ProjectionCatalog
    let configuration: EngineConfiguration
    let database: PostgresConfiguration
    let log: any EventLog
    let events: EventRegistry
    let roster: EngineRoster
    let logger: Logger
    /// The level at which it is logged that a projection stopped.
    let stopLevel: Logger.Level
    let dispatcher: ShardDispatcher
    /// How long a group may wait for a connection of the pool.
    let poolPatience: Duration
    let startedAt = Timestamp.now()

    var store: OffsetStore { catalog.store }
    private var nodes: NodeStore { NodeStore(catalog: catalog) }

    /// What the keeper knows from one look to the next.
    struct Knowledge: Sendable {
        var node: NodeIdentity
        /// The node's number among all nodes.
        var number: Int64
        var watch: LeaseWatch
        var nodeWatch: NodeWatch
        var sharing: ShardSharing<ShardKey>
        /// Until when other nodes are to take what is free, because this one could not.
        var troubledUntil: ContinuousClock.Instant?
        var progress: ProgressWatch<Int>
        /// The same for groups that have no transaction in progress.
        var silence: ProgressWatch<Int>
        /// Batches that are being given up.
        var overdue = OverdueBatches()

        /// - Parameter isDraining: whether the engine has been asked to end.
        func state(isDraining: Bool, now: ContinuousClock.Instant = .now) -> NodeState {
            if isDraining { return .draining }
            if overdue.isStuck { return .stuck }
            return troubledUntil.map { now < $0 } ?? false ? .troubled : .ready
        }
    }

    /// Runs until the task is cancelled. While the engine drains, it takes no more leases but keeps those that batches
    /// in flight still need.
    func run() async {
        var backoff = database.reconnectBackoff
        // Others take what this one has lost; it should not be late for more than that.
        backoff.maximum = min(backoff.maximum, configuration.leaseDuration / 2)
        var known: Knowledge?
        while !Task.isCancelled {
            do {
                let connection = try await PostgresConnection.connect(database, logger: logger)
                do {
                    var knowledge = try await register(known, on: connection)
                    defer { known = knowledge }
                    try await keep(&knowledge, on: connection, &backoff)
                } catch {
                    await connection.close()
                    throw error
                }
                await connection.close()
            } catch {
                // Any process that sees the connection gone may take the leases; work in flight here then commits
                // nothing.
                for member in roster.members { member.markLost() }
                dispatcher.wake()
                guard !Task.isCancelled else { return }
                let pause = backoff.next()
                logger.warning(
                    "leases lost, trying again",
                    metadata: ["error.message": "\(error)", "retry.pause": .stringConvertible(pause)])
                try? await Task.sleep(for: pause)  // cancelled: the loop ends
            }
        }
    }

    /// - Parameter known: what the keeper knew when it lost its connection.
    private func register(_ known: Knowledge?, on connection: PostgresConnection) async throws -> Knowledge {
        let node = NodeIdentity(
            id: UUID(), name: configuration.node, build: configuration.build, process: EngineConfiguration.processID,
            startedAt: startedAt, projections: definitions.map { ($0.name, $0.version) })
        let duration = configuration.leaseDuration
        let given = try await connection.withSession { [nodes] session in
            try nodes.register(node, number: known?.number, for: duration, in: &session)
        }
        roster.noteNode(node.id)
        return Knowledge(
            node: node, number: given, watch: LeaseWatch(duration: duration), nodeWatch: NodeWatch(duration: duration),
            sharing: ShardSharing(patience: Self.patience(configuration)),
            progress: known?.progress ?? ProgressWatch(lease: duration),
            silence: known?.silence ?? ProgressWatch(lease: duration, patience: poolPatience),
            overdue: known?.overdue ?? OverdueBatches())
    }

    /// How long a node has to take up a shard before another one does: a few of its looks.
    private static func patience(_ configuration: EngineConfiguration) -> Duration {
        max(configuration.leaseInterval * 4, .milliseconds(500))
    }

    private func keep(
        _ knowledge: inout Knowledge, on connection: PostgresConnection, _ backoff: inout Backoff
    ) async throws {
        while !Task.isCancelled {
            let look = try await look(&knowledge, on: connection)
            roster.noteLook(look)
            try await giveUp(&knowledge, on: connection)
            try await notice(look, knowledge, on: connection)
            if knowledge.overdue.isStuck {
                try await releaseJoiners(on: connection)
            } else if !roster.isDraining {
                let moves = decide(look, &knowledge)
                if let shard = moves.giveBack { handOver(shard) }
                try await retry(moves.retry, on: connection)
                try await take(moves.take, &knowledge, on: connection)
                await sweep(on: connection)
                await dispatcher.replays.giveUpAbandoned(on: connection)
            }
            // A connection alone is no success: it may be cut repeatedly before it is of use.
            backoff.reset()
            try? await Task.sleep(for: configuration.leaseInterval)  // cancelled: the loop ends
        }
    }

    /// Renews the leases, and looks at what there is.
    private func look(_ knowledge: inout Knowledge, on connection: PostgresConnection) async throws -> LeaseLook {
        let (id, state) = (knowledge.node.id, knowledge.state(isDraining: roster.isDraining))
        let (duration, build) = (configuration.leaseDuration, configuration.build)
        let look = try await connection.withSession { [nodes] session in
            try nodes.renew(id, build: build, as: state, for: duration, in: &session)
        }
        if let look { return look }
        // Somebody has removed this node's row. Its leases are its session's, and stay.
        let again = try await register(knowledge, on: connection)
        knowledge.node = again.node
        let newID = again.node.id
        return try await connection.withSession { [nodes] session in
            guard let look = try nodes.renew(newID, build: build, as: state, for: duration, in: &session) else {
                throw ProjectionError(.tableChanged, "somebody removes this node's row from the table of nodes")
            }
            return look
        }
    }

    /// Acts on what has happened to this node's shards: lost, paused, or left behind by a group that could not reach the
    /// database.
    private func notice(_ look: LeaseLook, _ knowledge: Knowledge, on connection: PostgresConnection) async throws {
        var isChanged = false
        for member in roster.members {
            if look.shards[member.key]?.state.epoch != member.epoch {
                if !member.isLost { member.metrics.leaseLost() }
                member.markLost()
                isChanged = true
            } else if look.isPaused(member.key), member.leave(.paused) {
                isChanged = true
            }
        }
        if isChanged { dispatcher.wake() }
        let left = look.shards.filter {
            $0.value.isOwn && !roster.holds($0.key) && !knowledge.overdue.isAsked(for: $0.key)
        }
        guard !left.isEmpty else { return }
        let statements = left.map { store.release($0.key, epoch: $0.value.state.epoch) }
        try await connection.withSession { session in _ = try session.pipeline(statements) }
    }

    /// Decides what this node takes and gives back.
    private func decide(_ look: LeaseLook, _ knowledge: inout Knowledge) -> ShardSharing<ShardKey>.Moves {
        let living = knowledge.nodeWatch.living(look.nodes)
        var shards: [ShardKey: ShardSharing<ShardKey>.Holder] = [:]
        var untried: Set<ShardKey> = []
        for (key, shard) in look.shards where look.builds[key] != nil {
            if shard.state.owner == nil || shard.isOwn {
                knowledge.watch.forget(key)
            } else {
                knowledge.watch.note(key, shard.state)
            }
            guard !look.isPaused(key) else { continue }
            if shard.isUntried { untried.insert(key) }
            guard shard.state.stoppedAt == nil else { continue }
            shards[key] = holder(of: key, shard, living, knowledge)
        }
        let situation = ShardSharing<ShardKey>.Situation(
            me: knowledge.number, nodes: living.map(sharer), shards: shards, leaving: roster.leaving,
            movable: roster.movable, untried: untried)
        return knowledge.sharing.decide(situation, now: .now)
    }

    private func holder(
        of key: ShardKey, _ shard: LeaseLook.Shard, _ living: [NodeRecord], _ knowledge: Knowledge
    ) -> ShardSharing<ShardKey>.Holder {
        if roster.holds(key) { return .node(knowledge.number) }
        // By this process's own clock, a lease that stands still has run out as well.
        if shard.state.owner == nil || knowledge.watch.unchanged(key) != nil { return .nobody }
        if let number = shard.holder, !shard.isOwn, living.contains(where: { $0.number == number }) {
            return .node(number)
        }
        return .other
    }

    private func sharer(_ node: NodeRecord) -> ShardSharing<ShardKey>.Node {
        let declares = node.projections.flatMap { name, version in
            [ShardKey.Kind.projection, .kept].map {
                ShardKey(kind: $0, name: name, version: version, partition: 0, log: catalog.log)
            }
        }
        return ShardSharing.Node(
            number: node.number, build: node.build, isDraining: node.state == .draining || node.state == .stuck,
            isTroubled: node.state == .troubled, declares: Set(declares))
    }

    private func handOver(_ key: ShardKey) {
        guard let member = roster.members.first(where: { $0.key == key }), member.leave(.handedOver) else { return }
        logger.debug("lease to be given back: another node has fewer", metadata: ["projection.name": "\(key.name)"])
        dispatcher.wake()
    }

    /// Drops tables that rebuilds have replaced. A process that worked on them notices within a second.
    private func sweep(on connection: PostgresConnection) async {
        let tables = DiscardedTables(names: catalog.names)
        do {
            try await connection.withSession { session in try tables.sweep(olderThan: 1, in: &session) }
        } catch {
            logger.debug("replaced tables not dropped yet", metadata: ["error.message": "\(error)"])
        }
    }
}
