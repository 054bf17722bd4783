/// Which events of a batch are handled side by side: all of a key in one lane, in the order of the log.
package struct LanePlan: Hashable, Sendable {
    /// The indexes of the events in each lane, growing; no lane is empty.
    package let lanes: [[Int]]

    /// A plan whose lanes are about equally long, as far as the keys allow.
    ///
    /// - Parameters:
    ///   - keys: the key of each event, in the order of the log.
    ///   - most: how many lanes there are at most, 1 or more.
    package init(keys: [Int], atMost most: Int) {
        var numbers: [Int: Int] = [:]
        var counts: [Int] = []
        let keyNumbers = keys.map { key in
            let number = numbers[key, default: counts.count]
            if number == counts.count {
                numbers[key] = number
                counts.append(0)
            }
            counts[number] += 1
            return number
        }
        // The keys with the most events first, each to the lane with the fewest: no lane is longer than 4/3 of the best plan's
        // (Graham, Bounds on Multiprocessing Timing Anomalies, 1969).
        var lengths = Array(repeating: 0, count: min(most, counts.count))
        var laneOfKey = Array(repeating: 0, count: counts.count)
        for number in counts.indices.sorted(by: { (counts[$0], $1) > (counts[$1], $0) }) {
            guard let lane = lengths.indices.min(by: { lengths[$0] < lengths[$1] }) else { break }
            laneOfKey[number] = lane
            lengths[lane] += counts[number]
        }
        var lanes = lengths.map { length in
            var lane: [Int] = []
            lane.reserveCapacity(length)
            return lane
        }
        for (index, number) in keyNumbers.enumerated() { lanes[laneOfKey[number]].append(index) }
        self.lanes = lanes
    }
}
