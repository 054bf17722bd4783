import HindsightLog
import HindsightPostgres
import Synchronization

/// The results so far of the projections that a call rebuilds, kept across lost connections.
final class RebuildResults: Sendable {
    private struct State {
        var reports: [String: RebuildReport] = [:]
        var stops: [(name: String, text: String)] = []
        /// Swaps whose commit has an unknown outcome, by the rebuild's key: the report to give if the swap was
        /// committed.
        var pending: [ShardKey: (table: String?, report: RebuildReport)] = [:]
    }

    private let state = Mutex(State())

    /// True once a projection is rebuilt or has stopped.
    func hasEnded(_ definition: ProjectionDefinition) -> Bool {
        state.withLock { state in
            state.reports[definition.name] != nil || state.stops.contains { $0.name == definition.name }
        }
    }

    func end(_ definition: ProjectionDefinition, _ report: RebuildReport) {
        state.withLock { $0.reports[definition.name] = report }
    }

    func stop(_ definition: ProjectionDefinition, at event: RecordedEvent, _ error: String) {
        let text = """
            rebuild of "\(definition.name)" stopped at position \(event.position), event \(event.version) of stream \(event.stream): \
            \(error)
            The version that is shown is untouched. Mend the handler and rebuild again: it goes on from its last checkpoint, or with \
            --restart from the beginning
            """
        state.withLock { $0.stops.append((definition.name, text)) }
    }

    /// Notes that a swap is about to be committed.
    func expect(_ report: RebuildReport, of member: RebuildMember) {
        state.withLock { $0.pending[member.key] = (member.build.table, report) }
    }

    /// Finds out which swaps were committed although the connection was lost: a view's swap, if its table is shown;
    /// that of a projection with its own tables, if nothing is left of the rebuild.
    func settle(with catalog: ProjectionCatalog, in session: inout PostgresSession) throws {
        guard state.withLock({ !$0.pending.isEmpty }) else { return }
        let builds = try catalog.builds(in: &session)
        state.withLock { state in
            for (key, swap) in state.pending {
                let current = ShardKey(
                    kind: .projection, name: key.name, version: key.version, partition: 0, log: key.log)
                let isDone = swap.table == nil ? builds[key] == nil : builds[current]?.table == swap.table
                if isDone { state.reports[key.name] = swap.report }
            }
            state.pending = [:]
        }
    }

    /// The reports in the order of the projections.
    ///
    /// - Throws: ``ProjectionError`` with `stopped` if some have stopped.
    func reports(of definitions: [ProjectionDefinition]) throws -> [RebuildReport] {
        try state.withLock { state in
            guard state.stops.isEmpty else {
                throw ProjectionError(.stopped, state.stops.map(\.text).joined(separator: "\n"))
            }
            return definitions.compactMap { state.reports[$0.name] }
        }
    }
}
