/// How fast something goes, and how long it will still take.
package struct ProgressEstimate: Hashable, Sendable {
    /// What has been counted.
    var count: Int64
    /// How much of the whole is done, 0 to 1; nil if the whole is not known.
    var fraction: Double?
    /// How much of it was done before.
    var fractionAtStart = 0.0
    /// How many rows there are; nil where none are made.
    var rows: Int64?
    /// Since when.
    var elapsed: Duration

    /// - Parameters:
    ///   - count: what has been counted.
    ///   - fraction: how much of the whole is done.
    ///   - fractionAtStart: how much of it was done before.
    ///   - rows: how many rows there are.
    ///   - elapsed: since when.
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

    /// What was counted in a second.
    var rate: Double { seconds > 0 ? Double(count) / seconds : 0 }

    /// How many seconds are left if it goes on like this; nil if nobody can tell.
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
