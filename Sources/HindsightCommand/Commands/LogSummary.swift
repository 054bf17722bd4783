import Hindsight

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The identity, the end and the size of a log.
struct LogSummary: Sendable {
    let identity: UUID
    let head: Int64
    /// Nil for a log that does not count its events.
    let size: LogSize?

    init(_ log: any EventLog) async throws {
        identity = try await log.identity()
        head = try await log.frontier().position
        size = log.abilities.contains(.size) ? try await log.size() : nil
    }

    var fields: OutputValue {
        .object([
            "id": OutputValue(identity), "head": .integer(head), "events": size.map { .integer($0.events) } ?? .null,
            "streams": size.map { .integer($0.streams) } ?? .null,
        ])
    }
}
