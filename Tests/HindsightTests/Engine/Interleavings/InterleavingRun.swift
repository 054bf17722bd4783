import Dispatch
import HindsightPostgres

/// One order: which sessions wait, what was done, and what was seen.
struct InterleavingRun: Sendable {
    /// An operation on its way.
    private struct Lane: Sendable {
        let operation: ShardOperation
        let session: SteppedSession
        var next = 0
        /// The line in the report of the step that is under way.
        var running: Int?
        var end: String?

        var isIdle: Bool { running == nil && end == nil }
        /// True if its server process was ended: it says so before it lets go of its locks.
        var isGone: Bool { end == "ended" || end == "57P01" }
    }

    struct Stuck: Error, CustomStringConvertible {
        let description: String
    }

    private var lanes: [Lane]
    private let answered: DispatchSemaphore
    private(set) var search: OrderSearch
    private(set) var report = OrderReport()
    private var rules: ShardRules
    /// True if something was committed that was not looked at yet.
    private var hasChanged = false

    init(
        _ operations: [ShardOperation], on sessions: [SteppedSession], answered: DispatchSemaphore,
        _ search: OrderSearch
    ) {
        lanes = zip(operations, sessions).map { Lane(operation: $0, session: $1) }
        self.answered = answered
        self.search = search
        rules = ShardRules(mayGoBack: operations.contains(where: \.mayGoBack))
    }

    /// What an order before this one has left open ends.
    func clearSessions() throws {
        for lane in lanes { lane.session.clear() }
        for lane in lanes {
            while lane.session.takeAnswer() == nil { try wait() }
        }
    }

    private func wait() throws {
        guard answered.wait(timeout: .now() + .seconds(60)) == .success else {
            throw Stuck(description: "no session answers")
        }
    }

    mutating func run(_ monitor: inout PostgresSession) throws {
        rules.observe(try ShardObservation(&monitor))
        while true {
            let available = lanes.indices.filter { lanes[$0].isIdle }
            guard !available.isEmpty else { break }
            start(available[search.choose(of: available.count)])
            try settle(&monitor)
            if hasChanged { rules.observe(try ShardObservation(&monitor)) }
            hasChanged = false
        }
        if let waiting = lanes.first(where: { $0.end == nil }) {
            throw Stuck(description: "\(waiting.operation) waits for ever\n\(report)")
        }
        rules.observe(try ShardObservation(&monitor))
        report.violations = rules.violations
        report.ends = lanes.map { $0.end ?? "" }
    }

    private mutating func start(_ number: Int) {
        let step = lanes[number].operation.steps[lanes[number].next]
        lanes[number].running = report.lines.count
        report.lines.append(OrderReport.Line(operation: lanes[number].operation.name, step: step.name))
        rules.begin(number, step)
        lanes[number].session.start(step)
    }

    // MARK: - Standing still

    /// Until each session has answered or waits for another one.
    private mutating func settle(_ monitor: inout PostgresSession) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var patience = 1
        while true {
            collect()
            let running = lanes.indices.filter { lanes[$0].running != nil }
            guard !running.isEmpty else { return }
            if answered.wait(timeout: .now() + .microseconds(300 * patience)) == .success { continue }
            patience = min(patience + 1, 10)
            if try areStill(running, &monitor) {
                for number in running {
                    if let line = lanes[number].running { report.lines[line].waited = true }
                }
                return
            }
            guard .now < deadline else { throw Stuck(description: "a step does not end:\n\(report)") }
        }
    }

    /// True if each of them waits for another session of this order, and they do not wait for one another in a circle, which
    /// the server is about to end.
    private func areStill(_ running: [Int], _ monitor: inout PostgresSession) throws -> Bool {
        let processes = lanes.filter { !$0.isGone }.map(\.session.processID)
        let blocked = running.map { lanes[$0].session.processID }
        let found = try monitor.query(
            "select pid, pg_blocking_pids(pid) from unnest(\(blocked)) pid")
        var blockers: [Int32: Set<Int32>] = [:]
        for row in found {
            blockers[try row.decode(0)] = Set(try row.decode(1, as: [Int32].self)).intersection(processes)
        }
        guard blockers.values.allSatisfy({ !$0.isEmpty }) else { return false }
        // Whoever waits only for those that stand still by themselves is taken out, until the rest is a circle.
        var waiting = blockers
        while let free = waiting.first(where: { $0.value.allSatisfy { waiting[$0] == nil } }) {
            waiting[free.key] = nil
        }
        return waiting.isEmpty
    }

    /// Takes in what sessions have answered.
    private mutating func collect() {
        for number in lanes.indices where lanes[number].running != nil {
            guard let answer = lanes[number].session.takeAnswer() else { continue }
            if lanes[number].operation.steps[lanes[number].next].commits { hasChanged = true }
            take(answer, of: number)
        }
    }

    private mutating func take(_ answer: SteppedSession.Answer, of number: Int) {
        guard let line = lanes[number].running else { return }
        lanes[number].running = nil
        lanes[number].next += 1
        switch answer {
        case .done(let outcome):
            rules.end(number, outcome)
            report.lines[line].outcome = Self.text(outcome)
            if case .refused(let reason) = outcome { lanes[number].end = reason }
            if lanes[number].end == nil, lanes[number].next == lanes[number].operation.steps.count {
                lanes[number].end = "done"
            }
        case .failed(let error):
            let code = error.isConnectionLoss ? "ended" : error.sqlState ?? "\(error)"
            report.lines[line].outcome = code
            lanes[number].end = code
            if !Self.expected.contains(code) {
                rules.note(.expectedErrors, "[\(lanes[number].operation)] \(report.lines[line].step): \(error)")
            }
        }
    }

    /// Taken over, a deadlock, a lock timeout, a successor has ended it.
    private static let expected: Set<String> = ["HS001", "40P01", "55P03", "ended", "57P01"]

    private static func text(_ outcome: ShardOperation.Outcome) -> String {
        switch outcome {
        case .done, .advanced: ""
        case .refused(let reason): reason
        case .read(let rows): "\(rows)"
        }
    }
}
