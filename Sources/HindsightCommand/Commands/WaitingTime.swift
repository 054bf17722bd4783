import ArgumentParser

/// A duration in human notation: `500ms`, `5s`, `2m`.
struct WaitingTime: ExpressibleByArgument, Hashable {
    let duration: Duration

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let unit = argument.dropFirst(digits.count).drop { $0 == " " }
        let milliseconds: [String: Double] = ["ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000]
        // A day is more than anybody waits for, and less than a duration holds.
        guard let number = Double(digits), let factor = milliseconds[String(unit)], number * factor <= 86_400_000 else {
            return nil
        }
        duration = .milliseconds(Int64(number * factor))
    }

    init(_ duration: Duration) {
        self.duration = duration
    }

    var defaultValueDescription: String { "\(duration)" }
}
