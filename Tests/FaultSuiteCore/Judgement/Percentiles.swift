/// Percentiles of latencies.
package struct Percentiles: Hashable, Sendable {
    package let median: Double
    package let high: Double

    /// Nil if there are no values.
    package init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        median = sorted[sorted.count / 2]
        high = sorted[min(sorted.count * 99 / 100, sorted.count - 1)]
    }
}
