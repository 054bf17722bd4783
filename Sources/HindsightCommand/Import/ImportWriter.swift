import Hindsight
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Stores batches of a file, each event once, whatever was stored before and even if other processes import the same
/// events.
struct ImportWriter {
    /// How often a step is retried if the server is unavailable or other writers are in the way.
    private static let attempts = 10

    let log: any EventLog
    let reader: ImportReader

    /// Stores the events of a batch that are not yet stored.
    ///
    /// - Returns: how many events were stored now; the others were already there.
    /// - Throws: ``CommandError`` with file and line for an id that is stored with different content, and with file and
    ///   lines if the log cannot accept the batch.
    func store(_ batch: ImportBatch) async throws -> Int {
        var missing = batch
        while !missing.events.isEmpty {
            let part = missing
            switch try await repeatedly(part, { try await append(part) }) {
            case .stored(let count): return count
            case .isMissing(let rest): missing = rest
            }
        }
        return 0
    }

    /// The outcome of an attempt to append.
    private enum Outcome {
        /// The events are stored; this many of them are new.
        case stored(Int)
        /// Nothing was appended, because some events are already stored exactly as in the file. These are the others.
        case isMissing(ImportBatch)
    }

    private func append(_ batch: ImportBatch) async throws -> Outcome {
        do {
            let result = try await log.append(verbatim: batch.events)
            return .stored(result.isDuplicate ? 0 : batch.events.count)
        } catch let error as EventLogError where error.code == .knownEvents {
            let ids = Set(error.eventIDs)
            let (known, missing) = batch.split { ids.contains($0.event.id) }
            // A refusal that names no event of the batch would be repeated forever.
            guard !known.events.isEmpty else { throw error }
            try await check(known, error.compared)
            return .isMissing(missing)
        }
    }

    /// Returns if all events of a batch are stored unchanged. The log must know their ids.
    private func check(_ batch: ImportBatch, _ compared: [ComparedEvent]) async throws {
        let taken = try await KnownEvents(log: log).firstTaken(of: batch.events, compared: compared)
        guard let taken else { return }
        let place = taken.position.map { "at position \($0) " } ?? ""
        throw reader.error(
            line: batch.lines[taken.index],
            """
            id \(batch.events[taken.index].event.id.uuidString.lowercased()) is stored \(place)with another stream, type or data: \
            give the line another id, or take it out
            """)
    }

    private func repeatedly<Value>(
        _ batch: ImportBatch, _ body: () async throws -> Value
    ) async throws -> Value {
        var backoff = Backoff()
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error where error.isPassing && attempt < Self.attempts {
                attempt += 1
                try await Task.sleep(for: backoff.next())
            } catch let error as CommandError {
                throw error
            } catch let error where !Task.isCancelled {
                throw reader.error(batch, "nothing of these lines is stored: \(ErrorReport.message(error))")
            }
        }
    }
}
