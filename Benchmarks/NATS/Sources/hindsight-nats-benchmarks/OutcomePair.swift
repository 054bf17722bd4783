/// What the same work took with one client and then with the other.
struct OutcomePair {
    var figure: Outcome
    var baseline: Outcome
    /// As in ``Pair``.
    var load: Double
}

extension [OutcomePair] {
    /// Messages a second.
    func rates(of count: Int) -> [Pair] {
        map { Pair(Double(count) / $0.figure.seconds, Double(count) / $0.baseline.seconds, load: $0.load) }
    }

    /// Nanoseconds of processor time a message.
    func processorTimes(of count: Int) -> [Pair] {
        let scale = 1e9 / Double(count)
        return map {
            Pair($0.figure.processorSeconds * scale, $0.baseline.processorSeconds * scale, load: $0.load)
        }
    }
}
