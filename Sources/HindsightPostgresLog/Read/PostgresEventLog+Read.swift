public import HindsightLog
import HindsightPostgres
import Synchronization

extension PostgresEventLog {
    /// Reads the log after an offset, up to a known frontier, or else the current one.
    public func read(
        after offset: Offset, through known: Offset?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventBatch {
        let description = try await describe()
        let (densities, isHeld) = (densities.withLock { $0 }, isHeld.load(ordering: .relaxed))
        let (batch, span) = try await pool.withSession { [names] session in
            let reader = BatchReader(
                names: names, description: description, densities: densities, isHeld: isHeld,
                maximumBytes: maximumBytes)
            return try reader.read(after: offset, through: known, filter: filter, limit: limit, in: &session)
        }
        if known == nil { self.isHeld.store(batch.isHeld, ordering: .relaxed) }
        self.densities.withLock { $0.note(batch.events.count, over: span, for: filter) }
        return batch
    }
}
