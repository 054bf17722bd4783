import ArgumentParser

/// For how long something is kept, in human notation: whole minutes, hours or days, such as `90m`, `12h` or `30d`. A minute at least,
/// and 100 years at most.
struct RetentionTime: ExpressibleByArgument, Hashable {
    let duration: Duration

    init?(argument: String) {
        let minutes: [Character: Int64] = ["m": 1, "h": 60, "d": 1_440]
        guard let unit = argument.last, let factor = minutes[unit], let number = Int64(argument.dropLast()),
            (1...52_560_000 / factor).contains(number)
        else { return nil }
        duration = .seconds(number * factor * 60)
    }
}
