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
    private let app: String

    /// The worst of several projections decides.
    init(_ health: [ProjectionHealth], app: String) {
        self.health = health
        self.app = app
        switch health.map(\.grade).max() ?? .ok {
        case .ok: verdict = .ok
        case .warning: verdict = .warning
        case .critical: verdict = .critical
        }
        text = Self.text(health, app)
    }

    /// There is no answer.
    init(unknown reason: String, app: String) {
        health = []
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
                "projections": .array(health.map(fields)),
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

    private static func word(_ grade: ProjectionHealth.Grade) -> String {
        switch grade {
        case .ok: "ok"
        case .warning: "warning"
        case .critical: "critical"
        }
    }

    /// The worst first, and what to do, each remedy once; those that are well are counted, but for what somebody has paused.
    private static func text(_ health: [ProjectionHealth], _ app: String) -> String {
        let bad = health.filter { $0.grade > .ok }.sorted { $0.grade > $1.grade }
        let paused = health.filter { if case .paused = $0.diagnosis.cause { $0.grade == .ok } else { false } }
        let well = health.count - bad.count
        var parts = bad.map(describe) + paused.map(sentence)
        if bad.isEmpty { parts.insert(well == 1 ? "1 projection is well" : "\(well) projections are well", at: 0) }
        var remedies: [String] = []
        for remedy in bad.compactMap({ $0.diagnosis.remedy(app: app) }) where !remedies.contains(remedy) {
            remedies.append(remedy)
        }
        let end = remedies.isEmpty ? "" : ". To do: \(remedies.joined(separator: "; "))"
        return parts.joined(separator: "; ") + end
    }

    private static func describe(_ health: ProjectionHealth) -> String {
        guard health.stalledSeconds > 0 else { return sentence(health) }
        return "\(sentence(health)) (no progress for \(health.stalledSeconds.ageText))"
    }

    private static func sentence(_ health: ProjectionHealth) -> String {
        let sentence = health.diagnosis.sentence
        return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}
