import Dispatch
import HindsightPostgres
import HindsightTestSupport

/// Runs operations in every order of their steps, in real sessions, as PostgreSQL's isolation tester does.
///
/// A step that blocks is left waiting, and the others go on. Before the next step is chosen, each session has either answered
/// or waits for a lock that another one of them holds, so that one order is the same each time it is run.
actor Interleaving {
    private let database: PostgresConfiguration
    /// Looks at what is committed, and at who waits for whom.
    private let monitor: PostgresConnection
    private var sessions: [SteppedSession] = []
    private let answered = DispatchSemaphore(value: 0)
    private var orders = 0

    init(_ database: PostgresConfiguration) async throws {
        self.database = database
        var monitored = database
        // A table that an operation has locked is looked at later.
        monitored.settings["lock_timeout"] = "2ms"
        monitor = try await PostgresConnection.connect(monitored, logger: LogFixture.logger)
    }

    /// What came of all orders.
    struct Summary: Sendable {
        var orders = 0
        /// In how many of them a step waited.
        var waits = 0
        var violations: [OrderReport] = []
        /// How the operations ended together, and how often.
        var ends: [[String]: Int] = [:]

        func violates(_ property: ShardRules.Property) -> Bool {
            violations.contains { $0.violations.contains { $0.property == property } }
        }
    }

    /// Runs all orders of some operations.
    ///
    /// - Parameter stops: ends the search at the first violation of a property.
    func run(
        _ operations: [ShardOperation], in world: ShardWorld = ShardWorld(), untilViolated: ShardRules.Property? = nil
    ) async throws -> Summary {
        var (summary, search) = (Summary(), OrderSearch())
        repeat {
            try await openSessions(operations.count)
            let (report, continued) = try await runOnce(operations, world, search)
            search = continued
            summary.orders += 1
            if report.lines.contains(where: \.waited) { summary.waits += 1 }
            summary.ends[report.ends, default: 0] += 1
            if !report.violations.isEmpty { summary.violations.append(report) }
            if let untilViolated, summary.violates(untilViolated) { break }
            orders += 1
            if orders.isMultiple(of: 300) { try await sweep() }
        } while search.next()
        return summary
    }

    func close() async {
        for session in sessions { session.end() }
        await monitor.close()
    }

    private func openSessions(_ count: Int) async throws {
        sessions.removeAll { !$0.isUsable }
        while sessions.count < count {
            sessions.append(try await SteppedSession.open(database, answered: answered))
        }
    }

    /// Nothing else takes away what each order leaves behind.
    private func sweep() async throws {
        try await monitor.withSession { session in
            for table in ShardWorld.tables + ["offsets", "projections", "handled_events"] {
                try session.execute("vacuum hindsight.\(identifier: PostgresIdentifier(table))")
            }
        }
    }

    private func runOnce(
        _ operations: [ShardOperation], _ world: ShardWorld, _ search: OrderSearch
    ) async throws -> (OrderReport, OrderSearch) {
        let (sessions, answered) = (Array(sessions.prefix(operations.count)), answered)
        return try await monitor.withSession { session in
            var run = InterleavingRun(operations, on: sessions, answered: answered, search)
            try run.clearSessions()
            try Self.putBack(world, &session)
            try run.run(&session)
            return (run.report, run.search)
        }
    }

    /// A session that was ended gives up its locks in its own time.
    private static func putBack(_ world: ShardWorld, _ session: inout PostgresSession) throws {
        for attempt in 1... {
            do {
                return try world.putBack(&session)
            } catch let error where error.isLockConflict && attempt < 1_000 {
                continue
            }
        }
    }
}
