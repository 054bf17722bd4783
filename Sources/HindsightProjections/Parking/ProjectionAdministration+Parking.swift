import HindsightLog
import HindsightPostgres

extension ProjectionAdministration {
    /// The parked keys of the version that a projection shows, those that have waited longest first.
    ///
    /// - Throws: ``ProjectionError`` with `unknownProjection`.
    public func parked(_ name: String) async throws -> [ParkedKey] {
        let definition = try definition(name)
        let catalog = try await catalog()
        let entries = try await pool.withSession { session in
            let builds = try catalog.builds(in: &session)
            let shown = builds.values.first { $0.isActive && $0.key.name == name }?.key ?? catalog.key(definition)
            return try ParkedStore(store: catalog.store, key: shown).entries(in: &session)
        }
        return try await log.parkedKeys(entries)
    }
}

extension EventLog {
    /// Parked keys with the events at which they were parked.
    func parkedKeys(_ entries: [ParkedStore.Entry]) async throws -> [ParkedKey] {
        var keys: [ParkedKey] = []
        for entry in entries {
            let event = try await events(at: [entry.position], maximumBytes: .max).events.first
            keys.append(
                ParkedKey(
                    key: try ParkedKeyText.decode(entry.text), position: entry.position, event: event,
                    error: entry.error, events: entry.events, lastPosition: entry.lastPosition,
                    parkedAt: entry.parkedAt, isComplete: entry.isComplete))
        }
        return keys
    }
}
