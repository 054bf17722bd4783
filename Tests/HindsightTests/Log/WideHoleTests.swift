import Hindsight
import HindsightPostgres
import Testing

@Suite("A hole that is wider than what a read looks at", .timeLimit(.minutes(2)))
struct WideHoleTests {
    @Test("A: readers pass it, whatever they want and however they read")
    func isPassed() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append(LogFixture.event(1, type: "A"), to: "s-1")
            try await fixture.pool.withSession { session in
                _ = try session.query("select nextval('hindsight.positions') from generate_series(1, 2000)")
            }
            try await log.append(LogFixture.event(2, type: "B"), to: "s-2")
            let frontier = try await log.frontier()
            for filter in [EventFilter.all, .types(["A"]), .types(["A", "B"]), .category("s")] {
                for limit in [1, 2, 600] {
                    for through in [nil, frontier] {
                        var offset = Offset.beginning
                        var seen: [Int64] = []
                        // Each read gets on: three are more than enough.
                        for _ in 0..<3 where offset != frontier {
                            let batch = try await log.read(
                                after: offset, through: through, filter: filter, limit: limit)
                            #expect(batch.through.position > offset.position)
                            seen += batch.events.map(\.position)
                            offset = batch.through
                        }
                        #expect(offset == frontier, "\(filter), limit \(limit)")
                        #expect(seen == (filter == .types(["A"]) ? [1] : [1, frontier.position]))
                    }
                }
            }
        }
    }
}
