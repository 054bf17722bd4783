package import HindsightLog

/// The ranges of positions of which a replay has proven by itself that it saw every event: it found one at each
/// position.
package struct ProvenRanges: Sendable {
    /// Positions above `low` and up to `high`.
    package struct Span: Hashable, Sendable {
        package var low: Int64
        package var high: Int64

        package init(low: Int64, high: Int64) {
            self.low = low
            self.high = high
        }
    }

    /// In order, and apart from one another.
    package private(set) var spans: [Span] = []
    /// The checksums of their events, by type.
    package private(set) var sums: [String: LogChecksum] = [:]

    package init() {}

    /// Notes all events that were read of a range, in order, if they prove that there are no others.
    package mutating func note(_ events: [RecordedEvent], _ sums: [(type: String, sum: LogChecksum)], in span: Span) {
        guard span.low < span.high, Int64(events.count) == span.high - span.low, Self.ascends(events, in: span),
            !overlaps(span)
        else { return }
        add(span)
        for (type, sum) in sums { self.sums[type, default: LogChecksum()].add(sum) }
    }

    /// Adds what was proven elsewhere. Nothing is added of ranges that were read before: their events would count twice.
    package mutating func add(_ other: ProvenRanges) {
        guard !other.spans.contains(where: overlaps) else { return }
        for span in other.spans { add(span) }
        for (type, sum) in other.sums { sums[type, default: LogChecksum()].add(sum) }
    }

    /// What is not proven of the positions up to an end.
    package func gaps(through end: Int64) -> [Span] {
        var gaps: [Span] = []
        var low: Int64 = 0
        for span in spans where span.low < end {
            if span.low > low { gaps.append(Span(low: low, high: span.low)) }
            low = span.high
        }
        if low < end { gaps.append(Span(low: low, high: end)) }
        return gaps
    }

    /// What is not proven of the positions above one and up to another, in about equal shares, whose spans are counted
    /// one after the other.
    ///
    /// - Parameters:
    ///   - count: the maximum number of shares, however many gaps there are.
    ///   - least: the smallest number of positions that is worth a share of its own.
    package func shares(
        after start: Int64, through end: Int64, atMost count: Int64, ofAtLeast least: Int64
    ) -> [[Span]] {
        let gaps = gaps(through: end).filter { $0.high > start }.map { Span(low: max($0.low, start), high: $0.high) }
        let total = gaps.reduce(0) { $0 + $1.high - $1.low }
        let parts = max(1, min(count, total / least))
        let size = (total + parts - 1) / parts
        var shares: [[Span]] = []
        var left: Int64 = 0
        for gap in gaps {
            var low = gap.low
            while low < gap.high {
                if left == 0 {
                    shares.append([])
                    left = size
                }
                let high = min(gap.high, low + left)
                shares[shares.count - 1].append(Span(low: low, high: high))
                left -= high - low
                low = high
            }
        }
        return shares
    }

    private func overlaps(_ span: Span) -> Bool {
        spans.contains { $0.low < span.high && span.low < $0.high }
    }

    private mutating func add(_ span: Span) {
        var merged = span
        // Ranges end nearly in order, so the place is near the end.
        var index = spans.count
        while index > 0, spans[index - 1].low > span.low { index -= 1 }
        if index < spans.count, spans[index].low == merged.high {
            merged.high = spans[index].high
            spans.remove(at: index)
        }
        if index > 0, spans[index - 1].high == merged.low {
            spans[index - 1].high = merged.high
        } else {
            spans.insert(merged, at: index)
        }
    }

    /// As many different positions as the span has are all of them.
    private static func ascends(_ events: [RecordedEvent], in span: Span) -> Bool {
        events.withUnsafeBufferPointer { events in
            var previous = span.low
            for index in events.indices {
                guard events[index].position > previous else { return false }
                previous = events[index].position
            }
            return previous <= span.high
        }
    }
}
