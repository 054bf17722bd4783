import Synchronization

/// The progress of a lengthy activity, on standard error.
public final class ProgressReport: Sendable {
    private enum Form {
        case bar
        case json
        case none
    }

    private let activity: String
    private let unit: String
    private let form: Form
    private let console: Console
    private let start = ContinuousClock.now
    private let lastShown: Mutex<ContinuousClock.Instant>

    init(activity: String, unit: String, isJSON: Bool, console: Console) {
        self.activity = activity
        self.unit = unit
        self.console = console
        form = isJSON ? .json : StandardError.isTerminal ? .bar : .none
        lastShown = Mutex(start)
    }

    /// False if the progress is not shown anywhere.
    var isShown: Bool { form != .none }

    /// Reports the progress. It is cheap enough to be called often: few of the reports are shown.
    ///
    /// - Parameters:
    ///   - count: the number of items counted since the start.
    ///   - fraction: the fraction that is done, 0 to 1; nil if the total is unknown.
    ///   - fractionAtStart: the fraction that was done before the start.
    ///   - activity: the current activity; nil for the one given at the beginning.
    ///   - rows: the number of rows; nil if none are made.
    public func update(
        _ count: Int64, fraction: Double? = nil, fractionAtStart: Double = 0, activity: String? = nil,
        rows: Int64? = nil
    ) {
        show { elapsed in
            let estimate = ProgressEstimate(
                count: count, fraction: fraction, fractionAtStart: fractionAtStart, rows: rows, elapsed: elapsed)
            return (estimate, activity)
        }
    }

    /// Reports the progress of something in which nothing is counted.
    func update(fraction: Double?) {
        show { (ProgressEstimate(count: nil, fraction: fraction, elapsed: $0), nil) }
    }

    private func show(_ current: (Duration) -> (estimate: ProgressEstimate, activity: String?)) {
        let interval: Duration
        switch form {
        case .none: return
        case .bar: interval = .milliseconds(100)
        case .json: interval = .seconds(1)
        }
        let now = ContinuousClock.now
        let isDue = lastShown.withLock { last in
            guard now - last >= interval else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let (estimate, other) = current(now - start)
        let activity = other ?? activity
        switch form {
        case .none: break
        case .bar: console.draw { [unit] in estimate.bar(activity: activity, unit: unit, columns: $0) }
        case .json:
            var line: [UInt8] = []
            estimate.fields(activity: activity).append(to: &line)
            console.line(String(decoding: line, as: UTF8.self))
        }
    }

    /// Removes the bar.
    public func finish() {
        console.erase()
    }
}
