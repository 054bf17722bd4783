import Hindsight
import HindsightPostgres
import Testing

/// Several projections of one kind, to be shared.
enum Tallies {
    /// Counts deposits and adds them up, by statements of its own.
    static func projection(_ number: Int) -> SQLProjection {
        SQLProjection(
            "tally_\(number)", version: 1,
            setUp: [
                "create table tally_\(number) (events bigint not null, amount bigint not null)",
                "insert into tally_\(number) values (0, 0)",
            ],
            clear: ["update tally_\(number) set events = 0, amount = 0"]
        )
        .on(Bank.Deposited.self) { session, event, _ in
            let table = PostgresIdentifier("tally_\(number)")
            try session.execute(
                "update \(identifier: table) set events = events + 1, amount = amount + \(event.amount)")
        }
    }
}

extension Bank {
    /// An engine of a node with so many tallies.
    func tallying(
        _ numbers: ClosedRange<Int>, as node: String, _ change: (inout EngineConfiguration) -> Void = { _ in }
    ) -> ProjectionEngine {
        var configuration = Bank.impatient
        configuration.node = node
        configuration.leaseDuration = .seconds(2)
        change(&configuration)
        return ProjectionEngine(
            ProjectionContext(
                log: log, database: viewsDatabase, pool: views, projections: numbers.map { Tallies.projection($0) },
                events: Bank.registry, configuration: configuration, logger: LogFixture.logger))
    }

    /// How many projections each living node has, by its name.
    func shares() async throws -> [String: Int] {
        var shares: [String: Int] = [:]
        for node in try await administration().nodes() where node.state != .gone {
            shares[node.name, default: 0] += node.projections.count
        }
        return shares
    }

    func untilShared(
        _ expected: [String: Int], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await Self.until("the shares are \(expected)", sourceLocation: sourceLocation) {
            try await shares() == expected
        }
    }

    /// Each tally has counted each deposit once.
    func expectTallies(_ numbers: ClosedRange<Int>, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for number in numbers {
            try await untilApplied("tally_\(number)", sourceLocation: sourceLocation)
            try await expect(
                "tally_\(number)",
                equals: """
                    select count(*) as events, coalesce(sum((e.data ->> 'amount')::bigint), 0)::bigint as amount
                    from hindsight.events e where e.type = 'Deposited'
                    """, sourceLocation: sourceLocation)
        }
    }
}
