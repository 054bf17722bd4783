import ArgumentParser
import Hindsight

/// The answer of `check`: a line, and the exit status that monitors know.
struct CheckResult {
    /// The verdict, by its exit status.
    enum Verdict: Int32 {
        case ok = 0
        case warning = 1
        case critical = 2
        case unknown = 3

        var word: String {
            switch self {
            case .ok: "OK"
            case .warning: "WARNING"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        }
    }

    let verdict: Verdict
    private let text: String
    private let health: [ProjectionHealth]
    private let subscriptions: [SubscriptionHealth]
    private let app: String

    /// The worst of several projections and subscriptions decides.
    init(_ health: [ProjectionHealth], _ subscriptions: [SubscriptionHealth], app: String) {
        self.health = health
        self.subscriptions = subscriptions
        self.app = app
        let items = health.map { CheckItem($0, app: app) } + subscriptions.map { CheckItem($0, app: app) }
        switch items.map(\.grade).max() ?? .ok {
        case .ok: verdict = .ok
        case .warning: verdict = .warning
        case .critical: verdict = .critical
        }
        text = Self.text(items, Self.count(health.count, subscriptions.count))
    }

    /// There is no answer.
    init(unknown reason: String, app: String) {
        health = []
        subscriptions = []
        self.app = app
        verdict = .unknown
        text = reason
    }

    func write(to output: CommandOutput) throws {
        guard output.isJSON else {
            try output.write("\(verdict.word) - \(Table.onOneLine(text))")
            return try output.flush()
        }
        try output.write(
            .object([
                "verdict": .string(verdict.word), "text": .string(text),
                "projections": .array(health.map(fields)), "subscriptions": .array(subscriptions.map(fields)),
            ]))
        try output.flush()
    }

    private func fields(_ health: ProjectionHealth) -> OutputValue {
        .object([
            "name": .string(health.diagnosis.name), "version": OutputValue(health.diagnosis.version),
            "grade": .string(Self.word(health.grade)), "stalled_seconds": .number(health.stalledSeconds),
            "sentence": .string(health.diagnosis.sentence), "remedy": OutputValue(health.diagnosis.remedy(app: app)),
        ])
    }

    private func fields(_ health: SubscriptionHealth) -> OutputValue {
        .object([
            "name": .string(health.status.name), "state": .string(health.status.state.rawValue),
            "grade": .string(Self.word(health.grade)), "stalled_seconds": .number(health.stalledSeconds),
            "sentence": .string(health.sentence), "remedy": OutputValue(health.remedy(app: app)),
        ])
    }

    private static func word(_ grade: ProjectionHealth.Grade) -> String {
        switch grade {
        case .ok: "ok"
        case .warning: "warning"
        case .critical: "critical"
        }
    }

    /// The worst first, and what to do, each remedy once; those that are well are counted, but for what somebody has paused.
    private static func text(_ items: [CheckItem], _ count: String) -> String {
        let bad = items.filter { $0.grade > .ok }.sorted { $0.grade > $1.grade }
        var parts = (bad + items.filter(\.isPaused)).map(\.sentence)
        if bad.isEmpty { parts.insert(count, at: 0) }
        var remedies: [String] = []
        for remedy in bad.compactMap(\.remedy) where !remedies.contains(remedy) { remedies.append(remedy) }
        let end = remedies.isEmpty ? "" : ". To do: \(remedies.joined(separator: "; "))"
        return parts.joined(separator: "; ") + end
    }

    /// How many are well, if all are.
    private static func count(_ projections: Int, _ subscriptions: Int) -> String {
        let counts = [(projections, "projection"), (subscriptions, "subscription")]
            .filter { $0.0 > 0 }.map { "\($0) \($1)\($0 == 1 ? "" : "s")" }
        guard !counts.isEmpty else { return "0 projections are well" }
        return "\(counts.joined(separator: " and ")) \(projections + subscriptions == 1 ? "is" : "are") well"
    }
}
