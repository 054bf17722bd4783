import Foundation
import Hindsight
import HindsightPostgres
import Synchronization

/// Fresh reads while rows are swapped and rolled back, and while nodes lose their leases: each answer is at least as new as was asked
/// for, and has exactly the events up to the position that it names.
struct StaleReadBenchmark {
    let server: BenchmarkServer
    /// How many reads for each pair: a million for the usual five.
    private let readsAPair = 200_000
    private let readers = 16

    /// What was read, and what it says it reflects.
    private struct Sample: Hashable {
        var position: Int64
        var count: Int
    }

    /// The newest position that an append has returned, and what readers have found.
    private final class Board: Sendable {
        let latest = Atomic<Int64>(0)
        let left: Atomic<Int>
        let tooOld = Atomic(0)
        let samples = Mutex(Set<Sample>())

        init(_ reads: Int) { left = Atomic(reads) }

        var isDone: Bool { left.load(ordering: .relaxed) <= 0 }
    }

    func measure(pairs: Int) async throws -> [Report] {
        let reads = readsAPair * pairs
        return try await server.withLog(database: "stale") { log, pool in
            let load = Pair.systemLoad()
            let board = Board(reads)
            let administration = ProjectionAdministration(context("administration", log, pool))
            try await ProjectionEngine(context("administration", log, pool)).prepare()
            var (swaps, rollbacks, failovers) = (0, 0, 0)
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for name in ["first", "second"] { tasks.addTask { try await node(name, log) } }
                tasks.addTask { try await append(log, board) }
                for number in 0..<readers { tasks.addTask { try await read(Views(pool: pool), number, board) } }
                while !board.isDone {
                    try await Task.sleep(for: .seconds(2))
                    try await rebuild(log, pool)
                    swaps += 1
                    // By then somebody has taken the new rows.
                    try await Task.sleep(for: .seconds(1))
                    failovers += try await cutOwner(pool)
                    try await administration.rollBack(Counted.table.name)
                    rollbacks += 1
                }
                tasks.cancelAll()
            }
            let elapsed = (ContinuousClock.now - start).seconds
            let wrong = try await wrongAnswers(board, pool)
            return [
                Report(
                    name: "stale answers in \(reads) fresh reads", unit: "",
                    pairs: [Pair(Double(board.tooOld.load(ordering: .relaxed) + wrong), 1, load: load)],
                    baselineName: "\(swaps) swaps, \(rollbacks) rollbacks, \(failovers) failovers, \(Int(elapsed)) s",
                    goal: .atMost(0))
            ]
        }
    }

    private func context(_ node: String, _ log: PostgresEventLog, _ pool: PostgresPool) -> ProjectionContext {
        var configuration = EngineConfiguration()
        configuration.node = node
        configuration.leaseDuration = .seconds(2)
        return ProjectionContext(
            log: log, pool: pool, projections: [Counted.projection], configuration: configuration,
            logger: BenchmarkServer.logger)
    }

    /// A node with connections of its own, which carry its name.
    private func node(_ name: String, _ log: PostgresEventLog) async throws {
        var database = PostgresConfiguration(server.conninfo("stale"))
        database.applicationName = name
        let pool = PostgresPool(configuration: database, maximumConnections: 6, logger: BenchmarkServer.silent)
        do {
            try await ProjectionEngine(context(name, log, pool)).run()
        } catch is CancellationError {
            // All reads are done.
        }
        await pool.close()
    }

    private func append(_ log: PostgresEventLog, _ board: Board) async throws {
        while !board.isDone {
            let event = NewEvent(type: "OrderLinePlaced", data: AppendBenchmark.data)
            let position = try await log.append(event, to: StreamName(category: "order", id: "1")).position
            board.latest.store(position, ordering: .releasing)
            // So that most reads find what they ask for, and some wait.
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func read(_ views: Views, _ number: Int, _ board: Board) async throws {
        var number = number
        while board.left.subtract(1, ordering: .relaxed).newValue >= 0 {
            number += 1
            let wanted = board.latest.load(ordering: .acquiring)
            let sample: Sample
            switch number % 3 {
            case 0:
                let reading = try await views.row(Counted.self, "all", atLeast: wanted, timeout: .seconds(60))
                sample = Sample(position: reading.position, count: reading.value?.count ?? 0)
            case 1:
                let reading = try await views.fetch(Counted.query, atLeast: wanted, timeout: .seconds(60))
                sample = Sample(position: reading.position, count: reading.rows.first?.count ?? 0)
            default:
                let reading = try await views.query(
                    "select count from counted", of: ["counted"], atLeast: wanted, timeout: .seconds(60))
                sample = Sample(position: reading.position, count: try reading.rows.first?.decode(0) ?? 0)
            }
            if sample.position < wanted { board.tooOld.add(1, ordering: .relaxed) }
            board.samples.withLock { _ = $0.insert(sample) }
        }
    }

    /// Ends the connections of whoever has the projection: its lease, and what it has in flight.
    private func cutOwner(_ pool: PostgresPool) async throws -> Int {
        let cut: Int64 = try await pool.withSession { session in
            try session.query(
                """
                select count(pg_terminate_backend(a.pid)) from pg_stat_activity a
                where a.datname = current_database() and a.application_name in (
                    select o.owner from hindsight.offsets o where o.kind = 'projection')
                """)[0].decode(0)
        }
        return cut > 0 ? 1 : 0
    }

    private func rebuild(_ log: PostgresEventLog, _ pool: PostgresPool) async throws {
        var options = RebuildOptions()
        options.keepsOld = true
        _ = try await ProjectionRebuilder(context("administration", log, pool)).rebuild(
            [Counted.table.name], options: options)
    }

    /// The answers that did not have the events up to their position, each kind once.
    private func wrongAnswers(_ board: Board, _ pool: PostgresPool) async throws -> Int {
        let positions: [Int64] = try await pool.withSession { session in
            try session.query("select position from hindsight.events order by position").map { try $0.decode(0) }
        }
        return board.samples.withLock { samples in
            samples.count { $0.count != Self.count(of: positions, through: $0.position) }
        }
    }

    /// How many of these positions, which grow, are not above one.
    private static func count(of positions: [Int64], through position: Int64) -> Int {
        var (low, high) = (0, positions.count)
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] > position { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// One row that says how many events were folded: a function of the position, so that an answer can be checked.
private struct Counted: ViewRow {
    var id = ""
    var count = 0

    static let table = ViewTable("counted", of: Self(), key: \.id, \.count)

    static let projection = ViewProjection(Self.self, version: 1)
        .on(OrderLinePlaced.self, key: { _, _ in "all" }) { row, _, _ in row.count += 1 }
}
