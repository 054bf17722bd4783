import Hindsight
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which log it is, how far it reaches and how much is in it.
struct LogSummary: Sendable {
    let identity: UUID
    let head: Int64
    let events: Int64
    let streams: Int64

    init(_ runtime: AppRuntime) async throws {
        identity = try await runtime.log.identity()
        head = try await runtime.log.frontier().position
        let table = PostgresIdentifier(schema: PostgresIdentifier(runtime.options.schema), "events")
        (events, streams) = try await runtime.pool.withSession { session in
            // Each stream has one event of version 0.
            let row = try session.query(
                "select count(*), count(*) filter (where version = 0) from \(identifier: table)")[0]
            return (try row.decode(0, as: Int64.self), try row.decode(1, as: Int64.self))
        }
    }

    var fields: OutputValue {
        .object([
            "id": OutputValue(identity), "head": .integer(head), "events": .integer(events),
            "streams": .integer(streams),
        ])
    }
}
