import Hindsight
import HindsightTestSupport
import HindsightValues
import Synchronization

/// Appends events at a steady rate, and each until it is acknowledged.
final class LoadAppender: Sendable {
    private let log: PostgresEventLog
    private let findings: Findings
    private let rate: Int
    private let acknowledged = Mutex(0)

    /// How many streams there are.
    private static let streams = 1_500
    /// How many append at the same time.
    private static let appenders = 3
    private static let batch = 1...8

    /// - Parameter rate: about how many events a second.
    init(_ log: PostgresEventLog, _ findings: Findings, rate: Int) {
        self.log = log
        self.findings = findings
        self.rate = rate
    }

    /// How many events are known to be stored.
    var count: Int { acknowledged.withLock { $0 } }

    /// Appends until the task is cancelled; an append in progress is brought to its end, so that it is known what is stored.
    func run(seed: UInt64) async {
        await withDiscardingTaskGroup { tasks in
            for number in 0..<Self.appenders {
                tasks.addTask {
                    var random = SeededGenerator(seed: seed &+ UInt64(number))
                    while !Task.isCancelled { await self.appendSome(using: &random) }
                }
            }
        }
    }

    private func appendSome(using random: inout SeededGenerator) async {
        let count = Int.random(in: Self.batch, using: &random)
        let stream = StreamName(category: "counter", id: Int.random(in: 0..<Self.streams, using: &random))
        let amounts = (0..<count).map { _ in Int.random(in: 1...50, using: &random) }
        let events = amounts.map { NewEvent(type: Bumped.eventType, data: Array(#"{"amount":\#($0)}"#.utf8)) }
        // In a task of its own, which cancelling does not reach.
        let work = Task { await self.store(events, to: stream) }
        _ = await work.value
        let pause = Duration.seconds(1) * count * Self.appenders / rate
        try? await Task.sleep(for: pause)  // cancelled: the loop ends
    }

    /// Stores events, and returns the position of the last one once they are.
    @discardableResult
    func store(_ events: [NewEvent], to stream: StreamName) async -> Int64? {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            do {
                let result = try await log.append(events, to: stream, expected: .any)
                acknowledged.withLock { $0 += events.count }
                return result.position
            } catch let error where error.isInterruption && .now < deadline {
                // The same ids: what is stored already is not stored again.
                try? await Task.sleep(for: .milliseconds(10))  // cancelled: nobody cancels this task
            } catch {
                findings.note("an append failed: \(error)")
                return nil
            }
        }
    }
}
