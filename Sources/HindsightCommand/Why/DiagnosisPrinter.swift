import Hindsight

/// A diagnosis as text or as JSON.
enum DiagnosisPrinter {
    static func write(_ diagnosis: ProjectionDiagnosis, app: String, to output: CommandOutput) throws {
        let remedy = diagnosis.remedy(app: app)
        guard !output.isJSON else {
            try output.write(fields(diagnosis, remedy))
            return try output.flush()
        }
        try output.write(Table.onOneLine(diagnosis.sentence))
        if !diagnosis.evidence.isEmpty { try output.write("") }
        let width = diagnosis.evidence.map(\.name.count).max() ?? 0
        for fact in diagnosis.evidence {
            let padding = String(repeating: " ", count: width - fact.name.count)
            try output.write("  \(fact.name)\(padding)  \(Table.onOneLine(fact.text))")
        }
        if let remedy { try output.write("\nTo do: \(remedy)") }
        try output.flush()
    }

    private static func fields(_ diagnosis: ProjectionDiagnosis, _ remedy: String?) -> OutputValue {
        .object([
            "name": .string(diagnosis.name), "version": OutputValue(diagnosis.version),
            "cause": .string(word(diagnosis.cause)), "sentence": .string(diagnosis.sentence),
            "evidence": .array(
                diagnosis.evidence.map { .object(["name": .string($0.name), "text": .string($0.text)]) }),
            "remedy": OutputValue(remedy),
        ])
    }

    private static func word(_ cause: ProjectionDiagnosis.Cause) -> String {
        switch cause {
        case .unreachable: "unreachable"
        case .notStarted: "not started"
        case .logChanged: "log changed"
        case .replaced: "replaced"
        case .stopped: "stopped"
        case .paused: "paused"
        case .filling: "filling"
        case .blocked: "blocked"
        case .retrying: "retrying"
        case .hanging: "hanging"
        case .notRunning: "not running"
        case .catchingUp: "catching up"
        case .waitsForAppend: "waits for append"
        case .notShown: "not shown"
        case .parked: "parked"
        case .caughtUp: "caught up"
        }
    }
}
