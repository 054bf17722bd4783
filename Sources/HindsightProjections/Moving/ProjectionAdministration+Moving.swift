package import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension ProjectionAdministration {
    /// Has projections, durable subscriptions and the event centre go on over this log, which is a copy of the one that they were fed from.
    ///
    /// The copy is gone through once. What is stored of the old log's positions then names the same events in this log, in one transaction:
    /// all of it or nothing. No view is filled anew.
    ///
    /// - Parameters:
    ///   - copy: this log.
    ///   - end: for each log whose end is known, its end: the copy must hold that event as well.
    ///   - isTrial: whether to look only.
    /// - Returns: what was moved, or would be.
    /// - Throws: ``ProjectionError`` with `cannotMove` if a process is at work over the old log, a rebuild is unfinished, the copy lacks an
    ///   event that something has seen, or has another one in its place, or this role may not move; what `copy` throws.
    package func move(to copy: some LogCopy, ends: [UUID: Offset], isTrial: Bool = false) async throws -> LogMove {
        do {
            return try await moveAsOwner(to: copy, ends: ends, isTrial: isTrial)
        } catch let error as CopyFailure {
            throw error.cause
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw try await notPermitted(error)
        }
    }

    /// An error of the copy, which may be in another database, with rights of its own.
    private struct CopyFailure: Error {
        let cause: any Error
    }

    private func reading<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw CopyFailure(cause: error)
        }
    }

    /// What is to be done when the role lacks a right: only the owner has all of them.
    private func notPermitted(_ error: PostgresError) async throws -> ProjectionError {
        let schema = configuration.schema
        // What is in the catalog anybody may read.
        let owner: String? = try await pool.withSession { session in
            try session.query(
                """
                select p.proowner::regrole::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where n.nspname = \(schema) and p.proname = 'move_to_log'
                """
            ).first?.decode(0)
        }
        return ProjectionError(
            .cannotMove,
            "only the owner of the functions in schema \(schema) may move what is stored there, and nothing was moved (\(error)): run it as the role \(owner ?? "that migrates the database")"
        )
    }

    private func moveAsOwner(
        to copy: some LogCopy, ends: [UUID: Offset], isTrial: Bool
    ) async throws -> LogMove {
        let catalog = try await catalog()
        let store = MoveStore(catalog: catalog)
        guard let old = try await source(of: copy, store) else { return LogMove() }
        let (shards, receipts, count) = try await pool.withTransaction(
            TransactionOptions(.repeatableRead, isReadOnly: true)
        ) { session in
            try check(old, store, in: &session)
            return (
                try store.shards(of: old, in: &session), try store.receiptPositions(of: old, in: &session),
                try store.receiptCount(of: old, in: &session)
            )
        }
        if let held = shards.first(where: \.isHeld) { throw Self.inUse(held.description) }
        let translation = try await translate(shards, receipts, end: ends[old], copy)
        let changes = zip(shards, translation.sumChanges).map { shard, change in
            // Where nothing differs, neither do sums of events that nobody here knows.
            isKnown(shard) || translation.copy(of: shard.offset.position) == shard.offset.position ? change : nil
        }
        var move = LogMove(
            shards: zip(shards, changes).map { shard, change in
                MovedShard(
                    kind: shard.key.kind.rawValue, name: shard.key.name, version: shard.key.version,
                    before: shard.offset.position, position: translation.copy(of: shard.offset.position) ?? 0,
                    isProvable: shard.isCounted && change != nil)
            }, receipts: count)
        guard !isTrial else { return move }
        move.receipts = try await pool.withTransaction(.readCommitted) { session in
            // Who has a row locked is at work on it, or hangs.
            try session.execute("set local lock_timeout = '5s'")
            // A process that starts meanwhile waits, and then finds what is moved.
            try catalog.lock(in: &session)
            try check(old, store, in: &session)
            guard try store.shards(of: old, in: &session).map(\.key) == shards.map(\.key) else { throw Self.changed }
            for (shard, change) in zip(shards, changes) {
                switch try store.move(shard, translation, change, in: &session) {
                case .moved: break
                case .held: throw Self.inUse(shard.description)
                case .changed: throw Self.changed
                case .begun:
                    throw ProjectionError(
                        .cannotMove,
                        "\(shard.description) has events of both logs: reset it over this log if its rows are from here, or go on over the old one"
                    )
                }
            }
            try store.forgetNotes(of: shards.map(\.key), in: &session)
            try store.movePauses(from: old, in: &session)
            // A node that takes commands is no node that has shards.
            try store.lockReceipts(in: &session)
            let positions = try store.receiptPositions(of: old, in: &session)
            guard Set(positions) == Set(receipts) else { throw Self.changed }
            return try store.moveReceipts(from: old, receipts, translation, in: &session)
        }
        return move
    }

    /// The log to move from; nil if there is nothing of it.
    private func source(of copy: some LogCopy, _ store: MoveStore) async throws -> UUID? {
        let told = try await reading { try await copy.source() }
        let stored = try await pool.withSession { session in try store.sources(in: &session) }
        if let told { return stored.first { $0.log == told }?.log }
        let decisive = stored.filter(\.isDecisive)
        let candidates = (decisive.isEmpty ? stored : decisive).map(\.log)
        guard candidates.count <= 1 else {
            let names = candidates.map { $0.uuidString.lowercased() }.joined(separator: ", ")
            throw ProjectionError(
                .cannotMove,
                "projections and subscriptions are fed from several logs, \(names), so it is not clear of which this one is a copy: reset what is not needed any more"
            )
        }
        return candidates.first
    }

    /// Refuses while something is at work over the old log.
    private func check(_ old: UUID, _ store: MoveStore, in session: inout PostgresSession) throws {
        if let node = try store.nodes(of: old, in: &session).first { throw Self.inUse("the views, the node \(node)") }
        if let name = try store.rebuilds(of: old, in: &session).first {
            throw ProjectionError(
                .cannotMove,
                "projection \"\(name)\" is being rebuilt from the old log: finish that over the old log, or give it up with `projections rebuild --cancel`"
            )
        }
    }

    private func translate(
        _ shards: [MoveStore.Shard], _ receipts: [Int64], end: Offset?, _ copy: some LogCopy
    ) async throws -> PlaceTranslation {
        var positions = Set(receipts)
        var ids: [Int64: UUID] = [:]
        func note(_ id: UUID, at position: Int64) throws(ProjectionError) {
            guard let known = ids.updateValue(id, forKey: position), known != id else { return }
            throw ProjectionError(
                .cannotMove,
                "the old log was rewound while something was fed from it: two events were seen at its position \(position). `projections list` over it says which projection does not belong to it any more; reset that"
            )
        }
        for shard in shards {
            positions.formUnion(shard.positions)
            for (position, id) in shard.ids { try note(id, at: position) }
        }
        if let end {
            positions.insert(end.position)
            if let anchor = end.anchor { try note(anchor, at: end.position) }
        }
        var translation = PlaceTranslation(
            of: positions, ids: ids, hints: shards.reduce(into: []) { $0.formUnion($1.hints) },
            sums: shards.map { ($0.offset.position, types(of: $0)) })
        if !translation.isComplete {
            try await reading { try await copy.forEachEvent { event in try translation.take(event) } }
        }
        if let missing = translation.missing {
            throw ProjectionError(
                .cannotMove,
                "this log lacks the event at position \(missing) of the one that it is a copy of: run `events mirror` to its end, and then try again"
            )
        }
        return translation
    }

    private func isKnown(_ shard: MoveStore.Shard) -> Bool { definition(of: shard) != nil }

    /// The types of the events that a shard applies; none if this program does not know them.
    private func types(of shard: MoveStore.Shard) -> Set<String> {
        definition(of: shard)?.storedTypes(events) ?? []
    }

    private func definition(of shard: MoveStore.Shard) -> ProjectionDefinition? {
        switch shard.key.kind {
        case .projection, .kept:
            definitions.first { $0.name == shard.key.name && $0.version == shard.key.version }
        case .subscription, .rebuild: nil
        }
    }

    private static func inUse(_ what: String) -> ProjectionError {
        ProjectionError(
            .cannotMove,
            "a process is at work on \(what): end all programs that run over the old log, and then try again")
    }

    private static var changed: ProjectionError {
        ProjectionError(
            .cannotMove,
            "something was at work over the old log while the copy was gone through, and nothing was moved: end all programs that run over it, and then try again"
        )
    }
}
