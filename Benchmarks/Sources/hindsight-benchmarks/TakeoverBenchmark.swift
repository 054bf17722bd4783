import Foundation
import Hindsight
import HindsightPostgres

/// How long a projection stands still when the process that keeps it is killed or suspended, against the lease: from the signal to the
/// commit, by another process, of an event that was appended after the signal.
struct TakeoverBenchmark {
    let server: BenchmarkServer
    /// How many takeovers of each kind.
    private static let takeovers = 20

    private enum Moment: CaseIterable {
        case killed
        case suspendedAtHead
        case suspendedInBatch
        case suspendedInHandler

        var name: String {
            switch self {
            case .killed: "SIGKILL"
            case .suspendedAtHead: "SIGSTOP at the head"
            case .suspendedInBatch: "SIGSTOP in a batch"
            case .suspendedInHandler: "SIGSTOP in a handler"
            }
        }

        /// The longest that is wanted, in leases.
        var goal: Double { self == .killed ? 0.25 : 2 }
    }

    func measure() async throws -> [Report] {
        var reports: [Report] = []
        for moment in Moment.allCases {
            let load = Pair.systemLoad()
            let seconds = try await takeOvers(at: moment)
            reports += [(0.5, "p50"), (0.99, "p99")].map { share, name in
                Report(
                    name: "takeover after \(moment.name), \(name) of \(seconds.count)", unit: "s",
                    pairs: [Pair(percentile(seconds, share), TakeoverNode.lease.seconds, load: load)],
                    baselineName: "the lease", goal: .atMost(moment.goal))
            }
        }
        return reports
    }

    private func takeOvers(at moment: Moment) async throws -> [Double] {
        try await server.withLog(database: "takeover") { log, pool in
            let nodes = Nodes(
                conninfo: server.conninfo("takeover"), handlerMilliseconds: moment == .suspendedInHandler ? 200 : 0)
            defer { nodes.end() }
            try nodes.start()
            _ = try await caughtUp(with: append(log), pool, within: .seconds(30))
            var seconds: [Double] = []
            for _ in 0..<Self.takeovers {
                try nodes.start()
                try await untilRegistered(2, pool)
                seconds.append(try await takeOver(at: moment, nodes, log, pool))
            }
            return seconds
        }
    }

    private func takeOver(
        at moment: Moment, _ nodes: Nodes, _ log: PostgresEventLog, _ pool: PostgresPool
    ) async throws -> Double {
        let owner = try await owner(pool)
        switch moment {
        case .killed, .suspendedAtHead: break
        case .suspendedInBatch: for _ in 0..<200 { _ = try await append(log) }
        case .suspendedInHandler:
            _ = try await append(log)
            // It has begun, and is in its handler for 200 ms.
            try await Task.sleep(for: .milliseconds(80))
        }
        let start = ContinuousClock.now
        try nodes.signal(moment == .killed ? SIGKILL : SIGSTOP, owner)
        let next = try await caughtUp(with: append(log), pool, within: .seconds(60))
        let elapsed = (ContinuousClock.now - start).seconds
        guard next != owner else { throw BenchmarkError("\(owner) goes on although it was suspended") }
        if moment != .killed { try nodes.signal(SIGKILL, owner) }
        return elapsed
    }

    private func append(_ log: PostgresEventLog) async throws -> Int64 {
        let event = NewEvent(type: "OrderLinePlaced", data: AppendBenchmark.data)
        return try await log.append(event, to: StreamName(category: "order", id: event.id.uuidString)).position
    }

    private func owner(_ pool: PostgresPool) async throws -> String {
        try await poll(within: .seconds(30)) {
            try await pool.withSession { session in
                try session.query("select owner from hindsight.offsets where owner is not null").first?.decode(0)
            }
        }
    }

    /// Who has committed the position.
    private func caughtUp(
        with position: Int64, _ pool: PostgresPool, within limit: Duration
    ) async throws -> String {
        try await poll(within: limit) {
            try await pool.withSession { session in
                try session.query(
                    "select owner from hindsight.offsets where position >= \(position) and owner is not null"
                ).first?.decode(0)
            }
        }
    }

    private func untilRegistered(_ count: Int64, _ pool: PostgresPool) async throws {
        let _: Bool = try await poll(within: .seconds(30)) {
            try await pool.withSession { session in
                let living: Int64 = try session.query(
                    "select count(*) from hindsight.nodes n where hindsight.is_living(n)")[0].decode(0)
                return living >= count ? true : nil
            }
        }
    }

    private func poll<Value>(within limit: Duration, _ look: () async throws -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let value = try await look() { return value }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw BenchmarkError("nothing has happened for \(limit)")
    }

    /// The processes.
    private final class Nodes {
        private let conninfo: String
        private let handlerMilliseconds: Int
        private var running: [String: Process] = [:]
        private var count = 0

        init(conninfo: String, handlerMilliseconds: Int) {
            self.conninfo = conninfo
            self.handlerMilliseconds = handlerMilliseconds
        }

        func start() throws {
            count += 1
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try BenchmarkServer.executable)
            process.arguments = ["node", "node \(count)", conninfo, "\(handlerMilliseconds)"]
            process.standardError = FileHandle.nullDevice
            try process.run()
            running["node \(count)"] = process
        }

        func signal(_ signal: Int32, _ name: String) throws {
            guard let process = running[name] else { throw BenchmarkError("there is no process of \(name)") }
            kill(process.processIdentifier, signal)
            if signal == SIGKILL { running[name] = nil }
        }

        func end() {
            for process in running.values { kill(process.processIdentifier, SIGKILL) }
        }
    }
}
