/// One order of operations' steps as it was run, and what was wrong with it.
struct OrderReport: Sendable, CustomStringConvertible {
    struct Line: Sendable {
        let operation: String
        let step: String
        var waited = false
        var outcome = ""
    }

    var lines: [Line] = []
    var violations: [ShardRules.Violation] = []
    /// How each operation ended, in their order.
    var ends: [String] = []

    var description: String {
        let steps = lines.enumerated().map { number, line in
            "  \(number + 1). [\(line.operation)] \(line.step)\(line.waited ? " (waited)" : "")"
                + (line.outcome.isEmpty ? "" : " -> \(line.outcome)")
        }
        return (["violated:"] + violations.map { "  \($0)" } + ["in this order:"] + steps).joined(separator: "\n")
    }
}
