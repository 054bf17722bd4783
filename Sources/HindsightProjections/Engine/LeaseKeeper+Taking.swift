import HindsightLog
import HindsightPostgres
import Logging

extension LeaseKeeper {
    /// Takes free shards up, and hands them to the groups that work on them.
    func take(_ keys: [ShardKey], _ knowledge: inout Knowledge, on connection: PostgresConnection) async throws {
        var taken: [ProjectionMember] = []
        for key in keys where !roster.holds(key) {
            guard
                let definition = definitions.first(where: { $0.name == key.name && $0.version == key.version }),
                let member = try await take(definition, key, &knowledge.watch, on: connection)
            else { continue }
            do {
                try await log.verify(member.offset)
            } catch let error where error.isAnchorMismatch {
                try await stop(member, "\(error)", on: connection)
                continue
            } catch {
                knowledge.troubledUntil = .now + configuration.leaseDuration
                try await giveBack(member, error, on: connection)
                continue
            }
            taken.append(member)
        }
        guard !taken.isEmpty else { return }
        for member in taken {
            member.metrics.leaseTaken()
            logger.debug(
                "lease taken",
                metadata: [
                    "projection.name": "\(member.definition.name)", "projection.offset": "\(member.offset.position)",
                ])
        }
        do {
            dispatcher.begin(try await dispatcher.decide(taken))
            knowledge.troubledUntil = nil
        } catch {
            knowledge.troubledUntil = .now + configuration.leaseDuration
            for member in taken { try await giveBack(member, error, on: connection) }
        }
    }

    /// Gives a lease back because the log cannot be asked at the moment; the leases that this process already has stay.
    private func giveBack(
        _ member: ProjectionMember, _ error: any Error, on connection: PostgresConnection
    ) async throws {
        logger.log(
            level: roster.isDraining || Task.isCancelled ? .debug : .warning,
            "the log cannot be read, lease given back",
            metadata: ["projection.name": "\(member.definition.name)", "error.message": "\(error)"])
        let statements = [
            store.trouble(member.key, epoch: member.epoch, "\(error)"), store.release(member.key, epoch: member.epoch),
        ]
        try await connection.withSession { session in _ = try session.pipeline(statements) }
    }

    private func take(
        _ definition: ProjectionDefinition, _ key: ShardKey, _ watch: inout LeaseWatch,
        on connection: PostgresConnection
    ) async throws -> ProjectionMember? {
        let unchanged = watch.unchanged(key)
        let (take, build, active) = try await connection.withTransaction(.readCommitted) { [self] session in
            // Who hangs from here on is ended like anybody who works on it.
            try session.execute(store.workOn([key], atMost: configuration.leaseDuration))
            let take = try store.take(
                key, owner: configuration.node, for: configuration.leaseDuration, unchanged: unchanged, in: &session)
            // Asked only now that the shard is ours: the table may have changed since it was found.
            let build = try catalog.builds(in: &session)[key]
            return (take, build, try catalog.activeVersions(in: &session)[definition.name])
        }
        switch take {
        case .taken(let state, let hasDied, let unended):
            watch.forget(key)
            if hasDied {
                logger.warning(
                    "the process that worked on a projection has died; it is folded with care for a while",
                    metadata: [
                        "projection.name": "\(key.name)", "projection.offset": "\(state.offset.position)",
                        "projection.crashes": "\(state.crashes)",
                    ])
            }
            if !unended.isEmpty { sayBlocked(key, unended) }
            guard let build else {
                try await connection.withSession { [store] session in
                    _ = try session.query(store.release(key, epoch: state.epoch))
                }
                return nil
            }
            return ProjectionMember(
                definition: definition, key: key, run: definition.makeRun(catalog.location(build)),
                types: definition.storedTypes(events), epoch: state.epoch, offset: state.offset,
                isSettled: build.wasShown || active.map { $0 >= definition.version } ?? false,
                life: ShardLife(
                    catchUpThreshold: configuration.catchUpThreshold,
                    replayThreshold: configuration.replayThreshold),
                caution: CrashCaution(after: state), limit: BatchLimit(state.batchLimit))
        case .held(let state):
            watch.note(key, state)
            return nil
        case .stopped, .missing:
            watch.forget(key)
            return nil
        case .blocked(let processes):
            if !processes.isEmpty { sayBlocked(key, processes) }
            return nil
        }
    }

    func sayBlocked(_ key: ShardKey, _ processes: [Int32]) {
        logger.warning(
            "a process that hangs is in the way, and this role may not end it: pg_terminate_backend(pid)",
            metadata: [
                "projection.name": "\(key.name)",
                "postgres.processes": "\(processes.map(String.init).joined(separator: ", "))",
            ])
    }

    private func stop(_ member: ProjectionMember, _ error: String, on connection: PostgresConnection) async throws {
        member.metrics.stopped()
        logger.log(
            level: stopLevel, "projection stopped",
            metadata: ["projection.name": "\(member.definition.name)", "error.message": "\(error)"])
        let statement = store.stop(member.key, epoch: member.epoch, at: member.offset, error: error)
        try await connection.withSession { session in _ = try session.query(statement) }
    }
}
