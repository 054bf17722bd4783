import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Events of a batch, of some keys and in the order of the log, that are handled in one transaction.
///
/// `@unchecked Sendable`: it only reads what was decoded, which its work keeps, and nobody decodes anything before all lanes have
/// ended.
struct SQLLane: @unchecked Sendable {
    /// Which of the run's steps these are.
    let indexes: [Int]
    let steps: [SQLRun.Step]
    let work: BatchWork

    /// The events' positions and ids.
    var notes: (positions: [Int64], ids: [UUID]) {
        let events = steps.map { work.events[$0.event] }
        return (events.map(\.position), events.map(\.id))
    }

    func execute(in session: inout PostgresSession) throws {
        for step in steps { try step.handle(&session, work.events[step.event]) }
    }
}
