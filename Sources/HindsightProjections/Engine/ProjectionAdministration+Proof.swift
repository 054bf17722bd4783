import HindsightLog
import HindsightPostgres

extension ProjectionAdministration {
    /// Compares the events that projections have applied with those in the log: they must be the same, each once.
    ///
    /// With each commit, a projection stores how many events it has applied and two checksums of their positions. These are compared
    /// with the log's events of the types that this program declares for it, up to the projection's offset. An event that was left
    /// out or applied twice shows. A wrong fold does not; ``RebuildOptions/Verification/compare`` finds that.
    ///
    /// This does not disturb a running engine: the projections' numbers come from one snapshot, and the log is counted in many short
    /// statements, two at a time. A large log is read once, however many projections there are. What it holds up to the projection that
    /// is furthest behind is kept, if this role may write that, and the next proof counts only what has come since.
    ///
    /// - Parameters:
    ///   - names: which projections; the shown version of each. Defaults to all.
    ///   - countsAgain: whether the log is counted from the beginning, whatever an earlier proof has counted: that finds events that
    ///     somebody has changed since. Defaults to `false`.
    /// - Returns: a proof for each of them, in this order. A difference is a result, not an error.
    /// - Throws: ``ProjectionError`` with `unknownProjection`; ``EventLogError`` with `anchorMismatch` if the log was rewound, or is not
    ///   the one that a projection has read.
    public func verify(
        _ names: [String] = [], countingAgain countsAgain: Bool = false
    ) async throws -> [ProjectionProof] {
        let chosen = try (names.isEmpty ? declaredNames : names).map { try definition($0).name }
        let catalog = try await catalog()
        let shown = try await pool.withTransaction(TransactionOptions(.repeatableRead, isReadOnly: true)) { session in
            let builds = try catalog.builds(in: &session)
            return try chosen.map { try self.shown($0, builds, catalog, in: &session) }
        }
        for shard in shown { if let offset = shard.state?.offset { try await log.verify(offset) } }
        let types = shown.reduce(into: Set<String>()) { $0.formUnion($1.types) }
        var count = LogCount(log: log, types: types)
        let known = CountedEventsStore(names: catalog.names, log: catalog.log)
        if !countsAgain, let lowest = shown.filter({ $0.reason == nil }).map(\.position).min(),
            let counted = try await pool.withSession({ session in try known.read(types, in: &session) }),
            try await isInPlace(counted.offset)
        {
            count.begin(at: counted, below: lowest)
        }
        var lowest: CountedEvents?
        // In the order of their offsets, so that each part of the log is counted once.
        let order = shown.indices.sorted { shown[$0].position < shown[$1].position }
        var proofs: [Int: ProjectionProof] = [:]
        for index in order {
            let shard = shown[index]
            var proof = ProjectionProof(
                name: chosen[index], version: shard.version, offset: shard.position,
                eventsApplied: shard.state?.applied ?? 0, parked: shard.parked, verdict: .proven)
            if let reason = shard.reason {
                proof.verdict = .unknown(reason)
            } else {
                try await count.go(to: shard.position)
                if lowest == nil, let offset = shard.state?.offset {
                    lowest = CountedEvents(
                        offset: offset, sums: types.reduce(into: [:]) { $0[$1] = count.sums[$1] ?? LogChecksum() })
                }
                let expected = count.sum(of: shard.types)
                if expected != shard.state?.checksum { proof.verdict = .differs(expected: expected) }
            }
            proofs[index] = proof
        }
        if let lowest { try await keep(lowest, in: known) }
        return shown.indices.compactMap { proofs[$0] }
    }

    /// True if the log has the event there that it had.
    private func isInPlace(_ offset: Offset) async throws -> Bool {
        do {
            try await log.verify(offset)
            return true
        } catch let error where error.isAnchorMismatch {
            return false
        }
    }

    /// Keeps counts for the next proof, unless another process is about it. A role that may only read proves as well, and keeps
    /// nothing.
    private func keep(_ counted: CountedEvents, in store: CountedEventsStore) async throws {
        do {
            try await pool.withTransaction(.readCommitted) { session in try store.write(counted, in: &session) }
        } catch let error where ["42501", "25006", "55P03"].contains(error.sqlState) {}
    }

    /// What there is to be proven.
    private struct Shown {
        var version: Int
        /// The types of its events; none where nothing can be proven.
        var types: Set<String> = []
        var state: ShardState?
        var parked = ParkedCount.none
        /// Why nothing can be proven.
        var reason: ProjectionProof.Reason?

        var position: Int64 { state?.offset.position ?? 0 }
    }

    private var declaredNames: [String] {
        definitions.map(\.name).reduce(into: []) { names, name in
            if !names.contains(name) { names.append(name) }
        }
    }

    private func shown(
        _ name: String, _ builds: [ShardKey: ProjectionTable], _ catalog: ProjectionCatalog,
        in session: inout PostgresSession
    ) throws -> Shown {
        guard let key = builds.values.first(where: { $0.isActive && $0.key.name == name })?.key,
            let state = try catalog.store.state(key, in: &session)
        else { return Shown(version: try definition(name).version, reason: .notStarted) }
        var shown = Shown(version: key.version, state: state)
        shown.parked = try catalog.store.parkedCount(of: key, in: &session)
        if state.checksum == nil {
            shown.reason = .movedByEarlierRelease
        } else if let definition = definitions.first(where: { $0.name == name && $0.version == key.version }) {
            shown.types = definition.storedTypes(events)
        } else {
            shown.reason = .notDeclared
        }
        return shown
    }
}
