/// Whether a process's memory grows without bound.
///
/// The rule: the first quarter of the samples is not counted, because caches fill. The median of the last quarter may be at most a
/// quarter more than the median of the second one, and 16 MiB beyond that.
package struct MemoryTrend: Sendable {
    private static let tolerance = 16 << 20

    private(set) package var samples: [Int] = []

    package init() {}

    /// Notes the resident memory in bytes.
    package mutating func note(_ bytes: Int) { samples.append(bytes) }

    package var first: Int? { samples.first }
    package var last: Int? { samples.last }
    package var maximum: Int? { samples.max() }

    /// What is wrong; nil if the memory is bounded, or if there are too few samples to tell: less than 8.
    package var finding: String? {
        guard samples.count >= 8 else { return nil }
        let quarter = samples.count / 4
        let (early, late) = (median(samples[quarter..<2 * quarter]), median(samples.suffix(quarter)))
        guard late > early + early / 4 + Self.tolerance else { return nil }
        return "its memory grows: \(early >> 20) MiB in the second quarter, \(late >> 20) MiB in the last"
    }

    private func median(_ values: ArraySlice<Int>) -> Int { values.sorted()[values.count / 2] }
}
