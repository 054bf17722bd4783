import Hindsight
import HindsightProjections

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A log that ``AppendingMirror`` has made: each event stands where its number is its position in the log that it comes from, which has no
/// holes.
struct NumberedCopy: LogCopy {
    let log: any EventLog

    func source() async throws -> UUID? { nil }

    func forEachEvent(_ body: (CopiedEvent) throws -> Bool) async throws {
        let end = try await log.frontier()
        let reader = try await log.reader(after: .beginning, filter: .all)
        do {
            try await forEachEvent(of: reader, through: end, body)
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
    }

    private func forEachEvent(
        of reader: any LogReader, through end: Offset, _ body: (CopiedEvent) throws -> Bool
    ) async throws {
        var number: Int64 = 0
        while true {
            let batch = try await reader.next(limit: 5_000, through: end)
            for event in batch.events {
                number += 1
                let copied = CopiedEvent(id: event.id, type: event.type, position: event.position, origin: number)
                guard try body(copied) else { return }
            }
            guard batch.through.position < end.position else { return }
        }
    }
}
