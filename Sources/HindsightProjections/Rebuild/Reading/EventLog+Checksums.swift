import HindsightLog

extension EventLog {
    /// The checksums of the events of these types above a position and up to another one. If the log does not count
    /// them, they are read: this is meant for the few events that follow a replay.
    func checksums(after position: Int64, through end: Int64, filter: EventFilter) async throws -> [String: LogChecksum]
    {
        guard case .types(let types) = filter, position < end else { return [:] }
        switch try await proof(after: position, through: end, types: types) {
        case .counted(let sums): return sums
        case .dense: break
        }
        let goal = try await offset(before: end + 1)
        let reader = try await reader(after: try await offset(before: position + 1), filter: filter)
        do {
            let sums = try await Self.count(reader, through: goal)
            await reader.close()
            return sums
        } catch {
            await reader.close()
            throw error
        }
    }

    private static func count(_ reader: any LogReader, through goal: Offset) async throws -> [String: LogChecksum] {
        var sums: [String: LogChecksum] = [:]
        var batch: EventBatch
        repeat {
            batch = try await reader.next(limit: 10_000, through: goal)
            for event in batch.events { sums[event.type, default: LogChecksum()].add(event.position) }
        } while batch.through.position < goal.position
        return sums
    }
}
