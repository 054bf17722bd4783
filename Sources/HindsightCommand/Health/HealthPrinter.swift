import Hindsight

/// What was found, as text or as JSON.
enum HealthPrinter {
    static func write(_ report: HealthReport, to output: CommandOutput) throws {
        guard !output.isJSON else {
            try output.write(fields(report))
            return try output.flush()
        }
        for finding in report.findings { try write(finding, to: output) }
        for text in report.unseen { try output.write("Not looked at: \(Table.onOneLine(text))") }
        if !report.unseen.isEmpty { try output.write("") }
        try output.write(summary(report))
        try output.flush()
    }

    private static func write(_ finding: HealthFinding, to output: CommandOutput) throws {
        try output.write("\(finding.severity.rawValue.uppercased()): \(Table.onOneLine(finding.sentence))")
        let width = finding.evidence.map(\.name.count).max() ?? 0
        for fact in finding.evidence {
            let padding = String(repeating: " ", count: width - fact.name.count)
            try output.write("  \(fact.name)\(padding)  \(Table.onOneLine(fact.text))")
        }
        if let remedy = finding.remedy { try output.write("  To do: \(Table.onOneLine(remedy))") }
        try output.write("")
    }

    private static func summary(_ report: HealthReport) -> String {
        let counts = HealthFinding.Severity.allCases.reversed().compactMap { severity -> String? in
            let count = report.findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        return counts.isEmpty ? "Nothing was found." : "Found: \(counts.joined(separator: ", "))."
    }

    private static func fields(_ report: HealthReport) -> OutputValue {
        .object([
            "worst": OutputValue(report.worst?.rawValue),
            "findings": .array(
                report.findings.map { finding in
                    .object([
                        "severity": .string(finding.severity.rawValue), "sentence": .string(finding.sentence),
                        "evidence": .array(
                            finding.evidence.map { .object(["name": .string($0.name), "text": .string($0.text)]) }),
                        "remedy": OutputValue(finding.remedy),
                    ])
                }),
            "not_looked_at": .array(report.unseen.map { .string($0) }),
        ])
    }
}
