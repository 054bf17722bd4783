import Foundation

/// A figure and its baseline, with the ratio that the project wants to reach.
struct Report {
    /// Whether a large ratio is good or a small one.
    enum Goal {
        /// The median, and, if it is given, each pair.
        case atLeast(Double, eachPair: Double? = nil)
        case atMost(Double)
    }

    var name: String
    var unit: String
    var pairs: [Pair]
    var baselineName: String
    var goal: Goal

    static func header() {
        row(["figure", "median", "baseline", "median", "ratio", "(min – max)", "load", "goal", ""])
    }

    /// The median of the ratios, not the ratio of the medians: machines drift, pairs less so.
    var ratio: Double { median(pairs.map(\.ratio)) }

    func print() {
        let ratios = pairs.map(\.ratio)
        let (wanted, isReached) =
            switch goal {
            case .atLeast(let bound, nil): ("≥ \(bound)", ratio >= bound)
            case .atLeast(let bound, let each?):
                ("≥ \(bound), each ≥ \(each)", ratio >= bound && ratios.allSatisfy { $0 >= each })
            case .atMost(let bound): ("≤ \(bound)", ratio <= bound)
            }
        Self.row([
            name, "\(Self.number(median(pairs.map(\.figure)))) \(unit)", baselineName,
            "\(Self.number(median(pairs.map(\.baseline)))) \(unit)", String(format: "%.2f", ratio),
            String(format: "(%.2f – %.2f)", ratios.min() ?? 0, ratios.max() ?? 0),
            pairs.map { String(format: "%.1f", $0.load) }.joined(separator: " "), wanted,
            isReached ? "reached" : "MISSED",
        ])
    }

    private static func row(_ cells: [String]) {
        let widths = [34, 20, 36, 20, 8, 18, 20, 9, 8]
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
