import Hindsight
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Stores batches of a file, each event once, whatever was stored before and whoever else imports the same events.
struct ImportWriter {
    /// How often a batch is tried again when the server is away or others are in the way.
    private static let attempts = 10

    let log: PostgresEventLog
    let reader: ImportReader

    /// Stores what is not yet stored of a batch.
    ///
    /// - Returns: how many events were stored now; the others were there already.
    /// - Throws: ``CommandError`` with file and line for an id that is stored with another content.
    func store(_ batch: ImportBatch) async throws -> Int {
        var missing = batch
        var backoff = Backoff()
        var attempt = 1
        while !missing.events.isEmpty {
            do {
                let results = try await log.appendInOrder(missing.events)
                return results.allSatisfy(\.isDuplicate) ? 0 : missing.events.count
            } catch let error as EventLogError where error.code == .knownEvents {
                let rest = try await withoutKnown(missing)
                // Known events that cannot be found again would go on for ever.
                guard rest.events.count < missing.events.count else { throw error }
                missing = rest
            } catch  where Self.isRetriable(error) && attempt < Self.attempts {
                attempt += 1
                try await Task.sleep(for: backoff.next())
            }
        }
        return 0
    }

    private func withoutKnown(_ batch: ImportBatch) async throws -> ImportBatch {
        var stored: [UUID: RecordedEvent] = [:]
        for event in try await log.events(withIDs: batch.events.map(\.event.id)) { stored[event.id] = event }
        var rest = ImportBatch()
        for (event, line) in zip(batch.events, batch.lines) {
            guard let known = stored[event.event.id] else {
                rest.append(event, line: line)
                continue
            }
            guard event.isSame(as: known) else {
                throw reader.error(
                    line: line,
                    "id \(known.id.uuidString.lowercased()) is stored at position \(known.position) with another stream, type or data"
                )
            }
        }
        return rest
    }

    private static func isRetriable(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.isRetriable
        case let error as EventLogError: error.isRetriable
        default: false
        }
    }
}
