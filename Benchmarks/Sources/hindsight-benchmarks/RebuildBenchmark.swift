import Foundation
import Hindsight
import HindsightPostgres

/// Rebuilding the shop's views from the orders, against the best SQL over the log's own table.
struct RebuildBenchmark {
    let server: BenchmarkServer
    let file: String
    private let database = "rebuild"

    /// The rebuild of each view against its own SQL.
    func measureEach(pairs: Int) async throws -> [Report] {
        try await prepare()
        var reports: [Report] = []
        for view in BaselineSQL.views {
            let baseline = try BaselineSQL(view: view, events: "hindsight.events")
            var measured: [Pair] = []
            for _ in 0..<pairs {
                let load = Pair.systemLoad()
                let (events, seconds) = try await rebuild([view])
                measured.append(Pair(Double(events) / seconds, Double(events) / (try await time(baseline)), load: load))
            }
            reports.append(
                Report(
                    name: "rebuild of \(view)", unit: "events/s", pairs: measured, baselineName: "best SQL over json",
                    goal: .atLeast(1.1, eachPair: 1)))
        }
        return reports
    }

    /// `order_summary` against the same SQL over a copy of the log whose data is `jsonb`.
    func measureBinary(pairs: Int) async throws -> [Report] {
        try await prepare()
        try await withSession { session in
            try session.script(
                """
                create table if not exists events_jsonb as
                    select position, version, occurred_at, stream, type, data::jsonb as data
                    from hindsight.events order by position;
                create unique index if not exists events_jsonb_position on events_jsonb (position);
                """)
            try session.script("vacuum analyze events_jsonb")
        }
        let baseline = try BaselineSQL(view: "order_summary", events: "events_jsonb")
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let (events, seconds) = try await rebuild(["order_summary"])
            measured.append(Pair(Double(events) / seconds, Double(events) / (try await time(baseline)), load: load))
        }
        return [
            Report(
                name: "rebuild of order_summary", unit: "events/s", pairs: measured,
                baselineName: "best SQL over jsonb", goal: .atLeast(0.8))
        ]
    }

    /// All four from one reading, against the sum of the four statements' times.
    func measureAll(pairs: Int) async throws -> [Report] {
        try await prepare()
        let baselines = try BaselineSQL.views.map { try BaselineSQL(view: $0, events: "hindsight.events") }
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let seconds = try await rebuild(BaselineSQL.views).seconds
            var sum = 0.0
            for baseline in baselines { sum += try await time(baseline) }
            measured.append(Pair(1 / seconds, 1 / sum, load: load))
        }
        return [
            Report(
                name: "rebuild of all four", unit: "/s", pairs: measured,
                baselineName: "the four statements one by one", goal: .atLeast(3.3))
        ]
    }

    /// Against what other engines reach, as constants.
    func measureOthers(pairs: Int) async throws -> [Report] {
        try await prepare()
        var rates: [(rate: Double, load: Double)] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let (events, seconds) = try await rebuild(["order_summary"])
            rates.append((Double(events) / seconds, load))
        }
        return [("Marten's own sample (constant)", 8_700.0), ("Emmett's best (constant)", 11_100.0)].map { name, rate in
            Report(
                name: "rebuild of order_summary", unit: "events/s",
                pairs: rates.map { Pair($0.rate, rate, load: $0.load) }, baselineName: name,
                goal: .atLeast(10))
        }
    }

    private func prepare() async throws {
        try await server.createDatabase(database, importing: file)
    }

    private func rebuild(_ names: [String]) async throws -> (events: Int64, seconds: Double) {
        try await server.checkpoint()
        return try await server.withLog(database: database, keep: true) { log, pool in
            let rebuilder = ProjectionRebuilder(
                ProjectionContext(
                    log: log, database: pool.configuration, pool: pool, projections: BenchmarkShop.projections,
                    logger: BenchmarkServer.logger))
            let start = ContinuousClock.now
            let reports = try await rebuilder.rebuild(names)
            let seconds = (ContinuousClock.now - start).seconds
            return (reports[0].eventsApplied, seconds)
        }
    }

    /// The faster of the statement's two forms.
    private func time(_ baseline: BaselineSQL) async throws -> Double {
        var best = Double.infinity
        for form in baseline.forms {
            try await server.checkpoint()
            let seconds = try await withSession { session in
                try session.script("drop table if exists \(baseline.view)_baseline")
                try session.script(baseline.settings)
                let start = ContinuousClock.now
                for statement in form { try session.script(statement) }
                return (ContinuousClock.now - start).seconds
            }
            best = min(best, seconds)
        }
        return best
    }

    @discardableResult
    private func withSession<Value: Sendable>(
        _ body: @Sendable (inout PostgresSession) throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(server.conninfo(database)), logger: BenchmarkServer.logger)
        let value = try await connection.withSession(body)
        await connection.close()
        return value
    }
}

/// The best SQL that computes a view from the event table; it stands in `baselines/`.
struct BaselineSQL: Sendable {
    static let views = ["order_summary", "customer_value", "product_sales", "daily_revenue"]

    let view: String
    let settings: String
    /// `create table as` with indexes afterwards, and `insert … select` likewise.
    let forms: [[String]]

    init(view: String, events: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../baselines").standardizedFileURL
        func text(_ name: String) throws -> String {
            try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
                .replacingOccurrences(of: "{events}", with: events)
                .replacingOccurrences(of: "{view}", with: "\(view)_baseline")
        }
        self.view = view
        settings = try text("settings.sql")
        let select = try text("\(view).sql")
        let keys = try text("\(view).keys.sql")
        forms = [
            ["create table \(view)_baseline as \(select)", keys],
            [
                "create table \(view)_baseline as select * from (\(select)) q limit 0",
                "insert into \(view)_baseline \(select)", keys,
            ],
        ]
    }
}
