import HindsightLog
import HindsightPostgres

extension ProjectionAdministration {
    /// Compares the events that projections have applied with those in the log: they must be the same, each once.
    ///
    /// With each commit, a projection stores how many events it has applied and two checksums of their positions. These are compared
    /// with the log's events of the types that this program declares for it, up to the projection's offset. An event that was left
    /// out or applied twice shows. A wrong fold does not; ``RebuildOptions/Verification/compare`` finds that.
    ///
    /// This only reads, and does not disturb a running engine: the projections' numbers come from one snapshot, and the log is counted
    /// in many short statements, one at a time. A large log is read once, however many projections there are.
    ///
    /// - Parameter names: which projections; the shown version of each. Defaults to all.
    /// - Returns: a proof for each of them, in this order. A difference is a result, not an error.
    /// - Throws: ``ProjectionError`` with `unknownProjection`; ``EventLogError`` with `anchorMismatch` if the log was rewound, or is not
    ///   the one that a projection has read.
    public func verify(_ names: [String] = []) async throws -> [ProjectionProof] {
        let chosen = try (names.isEmpty ? declaredNames : names).map { try definition($0).name }
        let catalog = try await catalog()
        let shown = try await pool.withTransaction(TransactionOptions(.repeatableRead, isReadOnly: true)) { session in
            let builds = try catalog.builds(in: &session)
            return try chosen.map { try self.shown($0, builds, catalog, in: &session) }
        }
        for shard in shown { if let offset = shard.state?.offset { try await log.verify(offset) } }
        var count = LogCount(log: log, types: shown.reduce(into: []) { $0.formUnion($1.types) })
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
                let expected = count.sum(of: shard.types)
                if expected != shard.state?.checksum { proof.verdict = .differs(expected: expected) }
            }
            proofs[index] = proof
        }
        return shown.indices.compactMap { proofs[$0] }
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
