import Foundation
import HindsightJetStream
import HindsightLog
import HindsightNATS
import Synchronization

/// How long nothing is acknowledged after the leader of a log on three servers was killed, and whether all that was is there.
struct FailoverBenchmark {
    let program: String
    private let writers = 8

    func measure(pairs: Int) async throws -> [Report] {
        var measured: [Pair] = []
        var acknowledged = 0
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            // A cluster for each: the killed server does not come back.
            try await NATSBenchmarkServer.withServers(3, program: program) { servers in
                let (gap, count) = try await measure(servers)
                measured.append(Pair(gap.seconds, 15, load: load))
                acknowledged += count
            }
        }
        return [
            Report(
                name: "acks resume after a kill, 0 of \(acknowledged) lost", unit: "s", pairs: measured,
                baselineName: "the most that is wanted", goal: .atMost(1))
        ]
    }

    /// An append that was acknowledged.
    private struct Acknowledgement: Sendable {
        var id: UUID
        var position: Int64
        var time: ContinuousClock.Instant
    }

    /// What the writers were told, one after the other.
    private final class Ledger: Sendable {
        private let entries = Mutex<[Acknowledgement]>([])

        var all: [Acknowledgement] { entries.withLock { $0 } }
        var last: ContinuousClock.Instant? { entries.withLock { $0.last?.time } }

        func note(_ entry: Acknowledgement) { entries.withLock { $0.append(entry) } }
    }

    private func measure(_ servers: [NATSBenchmarkServer]) async throws -> (gap: Duration, acknowledged: Int) {
        var configuration = NATSConfiguration()
        configuration.servers = servers.map(\.url)
        return try await NATSClient.withClient(configuration, logger: benchmarkLogger) { client in
            let log = JetStreamEventLog(client, stream: "LOG", logger: benchmarkLogger)
            try await prepare(log)
            let ledger = Ledger()
            let killed = try await withThrowingTaskGroup(of: Void.self) { tasks in
                for writer in 0..<writers {
                    let stream = StreamName(category: "order", id: "\(writer)")
                    tasks.addTask {
                        while !Task.isCancelled {
                            guard let found = try await append(to: stream, log) else { return }
                            ledger.note(found)
                        }
                    }
                }
                try await Task.sleep(for: .seconds(2))
                try await leader(of: log, servers).crash()
                let killed = ContinuousClock.now
                // Until there are acks again, and some more for what may go wrong behind them.
                while (ledger.last ?? killed) - killed < .seconds(1) {
                    guard ContinuousClock.now - killed < .seconds(60) else {
                        throw BenchmarkError("nothing was acknowledged within a minute after the leader was killed")
                    }
                    try await Task.sleep(for: .milliseconds(50))
                }
                try await Task.sleep(for: .seconds(3))
                tasks.cancelAll()
                return killed
            }
            let all = ledger.all
            try await check(all, log)
            return (gap(in: all.map(\.time), after: killed), all.count)
        }
    }

    /// A new cluster has to find itself and elect leaders first.
    private func prepare(_ log: JetStreamEventLog) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try await log.prepare()
            } catch  where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func leader(of log: JetStreamEventLog, _ servers: [NATSBenchmarkServer]) async throws -> NATSBenchmarkServer
    {
        let name = try await JetStream(log.client).streamInfo(log.streamName).cluster?.leader
        guard let number = (1...servers.count).first(where: { NATSBenchmarkServer.name($0) == name }) else {
            throw BenchmarkError("the stream \(log.streamName) has no leader, or an unknown one: \(name ?? "none")")
        }
        return servers[number - 1]
    }

    /// - Returns: nil if it was cancelled.
    private func append(to stream: StreamName, _ log: JetStreamEventLog) async throws -> Acknowledgement? {
        let event = NewEvent(type: "OrderLinePlaced", data: Work.payload)
        while true {
            do {
                let result = try await log.append([event], to: stream)
                return Acknowledgement(id: event.id, position: result.position, time: .now)
            } catch is CancellationError {
                return nil
            } catch let error as EventLogError where error.isRetriable {
                if Task.isCancelled { return nil }
            }
        }
    }

    /// The longest time without an ack that ended after the kill.
    private func gap(in times: [ContinuousClock.Instant], after killed: ContinuousClock.Instant) -> Duration {
        let sorted = times.sorted()
        return zip(sorted, sorted.dropFirst()).filter { $1 > killed }.map { $1 - max($0, killed) }.max() ?? .zero
    }

    private func check(_ acknowledged: [Acknowledgement], _ log: JetStreamEventLog) async throws {
        var positions: [UUID: Int64] = [:]
        var events = 0
        var place = Offset.beginning
        let head = try await log.frontier()
        while place.position < head.position {
            let batch = try await log.read(after: place, through: head, filter: .all, limit: 1_000)
            for event in batch.events { positions[event.id] = event.position }
            events += batch.events.count
            place = batch.through
        }
        guard positions.count == events else { throw BenchmarkError("an event is there twice") }
        let lost = acknowledged.count { positions[$0.id] != $0.position }
        guard lost == 0 else { throw BenchmarkError("\(lost) of \(acknowledged.count) acknowledged events are lost") }
    }
}
