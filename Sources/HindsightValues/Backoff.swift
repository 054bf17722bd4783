/// How long to wait before the next attempt: longer after each failure, with a random part so that many clients do not
/// return at once.
public struct Backoff: Sendable, Hashable {
    /// The wait after the first failure, before the random part.
    public var initial: Duration
    /// The factor by which the wait grows after each further failure; at least 1.
    public var factor: Double
    /// The longest wait.
    public var maximum: Duration
    /// The number of failures in a row.
    public private(set) var failures = 0

    /// Creates a backoff that has seen no failure.
    ///
    /// - Parameters:
    ///   - initial: the wait after the first failure. Defaults to 50 milliseconds.
    ///   - factor: the factor by which the wait grows after each further failure. Defaults to `2`.
    ///   - maximum: the longest wait. Defaults to 5 seconds.
    public init(initial: Duration = .milliseconds(50), factor: Double = 2, maximum: Duration = .seconds(5)) {
        self.initial = initial
        self.factor = factor
        self.maximum = maximum
    }

    /// Counts a failure and returns how long to wait.
    public mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// Counts a failure and returns how long to wait: between half of the full wait and all of it.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        var full = min(initial, maximum)
        for _ in 0..<failures where full < maximum {
            full = min(full * max(factor, 1), maximum)
        }
        failures += 1
        return full * Double.random(in: 0.5...1, using: &generator)
    }

    /// Forgets the failures, after a success.
    public mutating func reset() {
        failures = 0
    }
}
