import HindsightValues

/// How many faults of each kind were survived, and how long views stood still meanwhile.
package struct FaultReport: Sendable {
    private struct Line: Sendable {
        var survived = 0
        var missed = 0
        var worst = Duration.zero
    }

    private var lines: [FaultKind: Line] = [:]
    private var worst: (duration: Duration, projection: String, faults: String) = (.zero, "", "")

    package init() {}

    /// How many there were in all.
    package var survived: Int { lines.values.reduce(0) { $0 + $1.survived } }

    /// How many kinds were tried, and how many of these came about.
    package var kindsTried: Int { lines.count }
    package var kindsSurvived: Int { lines.values.count { $0.survived > 0 } }

    /// How many of a kind came about.
    package func survived(_ kind: FaultKind) -> Int { lines[kind]?.survived ?? 0 }

    /// Counts a fault.
    package mutating func note(_ kind: FaultKind, cameAbout: Bool) {
        if cameAbout { lines[kind, default: Line()].survived += 1 } else { lines[kind, default: Line()].missed += 1 }
    }

    /// Notes the longest standstill in the time of faults.
    package mutating func note(_ duration: Duration, of projection: String, during kinds: [FaultKind]) {
        for kind in kinds { lines[kind, default: Line()].worst = max(lines[kind]?.worst ?? .zero, duration) }
        if duration > worst.duration {
            worst = (duration, projection, kinds.map(\.rawValue).joined(separator: " + "))
        }
    }

    /// The lines to print.
    package var text: String {
        var text = "survived                                          worst standstill"
        for kind in FaultKind.allCases {
            guard let line = lines[kind] else { continue }
            let name = kind.rawValue + String(repeating: " ", count: max(0, 46 - kind.rawValue.count))
            let missed = line.missed > 0 ? "  (and \(line.missed) times its moment did not come)" : ""
            text += "\n\(padded(line.survived, 4))  \(name) \(line.worst.inSeconds)\(missed)"
        }
        text += "\n\(padded(survived, 4))  in all"
        text += "\nworst standstill: \(worst.duration.inSeconds) of \(worst.projection), during: \(worst.faults)"
        return text
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - "\(number)".count)) + "\(number)"
    }
}

extension Duration {
    /// With two digits.
    var inSeconds: String {
        let hundredths = Int(milliseconds / 10)
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
    }
}
