/// The rate of an activity, and an estimate of the remaining time.
package struct ProgressEstimate: Hashable, Sendable {
    /// The number of items counted; nil if nothing is counted.
    var count: Int64?
    /// The fraction that is done, 0 to 1; nil if the total is unknown.
    var fraction: Double?
    /// The fraction that was done before the start.
    var fractionAtStart = 0.0
    /// The number of rows; nil if none are made.
    var rows: Int64?
    /// The time since the start.
    var elapsed: Duration

    /// - Parameters:
    ///   - count: the number of items counted; nil if nothing is counted.
    ///   - fraction: the fraction that is done.
    ///   - fractionAtStart: the fraction that was done before the start.
    ///   - rows: the number of rows.
    ///   - elapsed: the time since the start.
    package init(
        count: Int64?, fraction: Double? = nil, fractionAtStart: Double = 0, rows: Int64? = nil, elapsed: Duration
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
    var rate: Double { seconds > 0 ? Double(count ?? 0) / seconds : 0 }

    /// How many seconds are left at this rate; nil if that cannot be estimated.
    var secondsLeft: Double? {
        guard let fraction, fraction > fractionAtStart else { return nil }
        return seconds * max(0, 1 - fraction) / (fraction - fractionAtStart)
    }

    /// A bar with numbers beside it.
    ///
    /// - Parameter columns: how many columns there are. If they are too few for all, the gauge gets shorter and then goes,
    ///   then the rate and the rows; what is still too long is cut. Defaults to a terminal of 80 columns.
    package func bar(activity: String, unit: String, columns: Int = 79) -> String {
        let activity = Table.onOneLine(activity)
        let counted = count.map { "\(Table.grouped($0)) \(unit)" }
        let rate = count.map { _ in "\(Table.grouped(Int64(self.rate)))/s" }
        let rows = rows.map { "\(Table.grouped($0)) rows" }
        let forms = [
            (gauge(20), [counted, rate, rows, left]), (gauge(10), [counted, rate, rows, left]),
            (percent, [counted, rate, rows, left]), (percent, [counted, left]), (percent, [left]),
        ].map { gauge, numbers in
            let numbers = numbers.compactMap(\.self).joined(separator: ", ")
            return [activity, gauge, numbers].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
        }
        return forms.first { TerminalWidth.columns(of: $0) <= columns }
            ?? TerminalWidth.cut(forms.last ?? "", to: columns)
    }

    private var percent: String? {
        fraction.map { "\(Int(min(1, max(0, $0)) * 100)) %" }
    }

    private func gauge(_ length: Int) -> String? {
        guard let fraction, let percent else { return nil }
        let filled = Int(min(1, max(0, fraction)) * Double(length))
        return "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: length - filled))] \(percent)"
    }

    private var left: String? {
        secondsLeft.map { left in
            let whole = Int64(left.rounded(.up))
            return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60) left"
        }
    }

    /// The numbers for a program.
    func fields(activity: String) -> OutputValue {
        .object([
            "progress": .object([
                "activity": .string(activity), "count": count.map { .integer($0) } ?? .null,
                "fraction": fraction.map { .number($0) } ?? .null,
                "rate": count.map { _ in .number(rate.rounded()) } ?? .null, "rows": rows.map { .integer($0) } ?? .null,
                "seconds_left": secondsLeft.map { .number($0.rounded(.up)) } ?? .null,
            ])
        ])
    }
}
