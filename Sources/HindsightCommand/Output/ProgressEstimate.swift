/// The rate of an activity, and an estimate of the remaining time.
package struct ProgressEstimate: Hashable, Sendable {
    /// The number of items counted.
    var count: Int64
    /// The fraction that is done, 0 to 1; nil if the total is unknown.
    var fraction: Double?
    /// The fraction that was done before the start.
    var fractionAtStart = 0.0
    /// The number of rows; nil if none are made.
    var rows: Int64?
    /// The time since the start.
    var elapsed: Duration

    /// - Parameters:
    ///   - count: the number of items counted.
    ///   - fraction: the fraction that is done.
    ///   - fractionAtStart: the fraction that was done before the start.
    ///   - rows: the number of rows.
    ///   - elapsed: the time since the start.
    package init(
        count: Int64, fraction: Double? = nil, fractionAtStart: Double = 0, rows: Int64? = nil, elapsed: Duration
    ) {
        self.count = count
        self.fraction = fraction
        self.fractionAtStart = fractionAtStart
        self.rows = rows
        self.elapsed = elapsed
    }

    /// The time that has passed, in seconds.
    var seconds: Double {
        Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    /// The time that has passed, in seconds to one decimal.
    var secondsText: String { Self.text(seconds) }

    /// A number of seconds to one decimal.
    static func text(_ seconds: Double) -> String {
        let tenths = Int64((max(0, seconds) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The number of items per second.
    var rate: Double { seconds > 0 ? Double(count) / seconds : 0 }

    /// How many seconds are left at this rate; nil if that cannot be estimated.
    var secondsLeft: Double? {
        guard let fraction, fraction > fractionAtStart else { return nil }
        return seconds * max(0, 1 - fraction) / (fraction - fractionAtStart)
    }

    /// A bar with numbers beside it, for a terminal of 80 columns.
    package func bar(activity: String, unit: String) -> String {
        var text = activity
        if let fraction {
            let filled = Int(min(1, max(0, fraction)) * 20)
            let percent = Int(min(1, max(0, fraction)) * 100)
            text +=
                " [\(String(repeating: "#", count: filled))\(String(repeating: ".", count: 20 - filled))] \(percent) %"
        }
        text += " \(Table.grouped(count)) \(unit), \(Table.grouped(Int64(rate)))/s"
        if let rows { text += ", \(Table.grouped(rows)) rows" }
        if let left = secondsLeft {
            let whole = Int64(left.rounded(.up))
            text += ", \(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60) left"
        }
        return text
    }

    /// The numbers for a program.
    func fields(activity: String) -> OutputValue {
        .object([
            "progress": .object([
                "activity": .string(activity), "count": .integer(count),
                "fraction": fraction.map { .number($0) } ?? .null,
                "rate": .number(rate.rounded()), "rows": rows.map { .integer($0) } ?? .null,
                "seconds_left": secondsLeft.map { .number($0.rounded(.up)) } ?? .null,
            ])
        ])
    }
}
