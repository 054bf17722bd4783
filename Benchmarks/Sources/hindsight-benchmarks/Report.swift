import Foundation

/// A figure and its baseline, with the ratio that the project wants to reach.
struct Report {
    /// Whether a large ratio is good or a small one.
    enum Goal {
        case atLeast(Double)
        case atMost(Double)
    }

    var name: String
    var unit: String
    /// The figure and its baseline, pair by pair.
    var pairs: [(figure: Double, baseline: Double)]
    var baselineName: String
    var goal: Goal

    static func header() {
        row(["figure", "median", "baseline", "median", "ratio", "(min – max)", "goal", ""])
    }

    /// The median of the ratios, not the ratio of the medians: machines drift, pairs less so.
    var ratio: Double { median(pairs.map { $0.figure / $0.baseline }) }

    func print() {
        let ratios = pairs.map { $0.figure / $0.baseline }
        let (wanted, isReached) =
            switch goal {
            case .atLeast(let bound): ("≥ \(bound)", ratio >= bound)
            case .atMost(let bound): ("≤ \(bound)", ratio <= bound)
            }
        Self.row([
            name, "\(Self.number(median(pairs.map(\.figure)))) \(unit)", baselineName,
            "\(Self.number(median(pairs.map(\.baseline)))) \(unit)", String(format: "%.2f", ratio),
            String(format: "(%.2f – %.2f)", ratios.min() ?? 0, ratios.max() ?? 0), wanted,
            isReached ? "reached" : "MISSED",
        ])
    }

    private static func row(_ cells: [String]) {
        let widths = [34, 20, 36, 20, 8, 18, 9, 8]
        let line = zip(cells, widths).map { $0.padding(toLength: max($1, $0.count), withPad: " ", startingAt: 0) }
            .joined(separator: " ")
        // Unbuffered: a measurement takes a while, and its line should be there when it is done.
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func number(_ value: Double) -> String {
        value >= 100 ? String(Int(value.rounded())) : String(format: "%.2f", value)
    }
}

func median(_ values: [Double]) -> Double {
    percentile(values, 0.5)
}

/// The value below which a share of the values lies, between neighbours in proportion.
func percentile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    guard low + 1 < sorted.count else { return last }
    return sorted[low] + (sorted[low + 1] - sorted[low]) * (place - Double(low))
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
