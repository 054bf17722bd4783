/// Which connections a ``CuttingProxy`` cuts, and where.
///
/// For each new connection the proxy draws one kind and one place, from the numbers of its seed. A connection that never
/// gets to that place is not cut.
package struct CutPolicy: Sendable {
    /// The kinds to draw from, each as likely as any other. ``CutKind/onDemand`` is not drawn.
    package var kinds: [CutKind]
    /// The share of connections that are to be cut, from 0 to 1. Defaults to all.
    package var share = 1.0
    /// For ``CutKind/copyData`` and ``CutKind/bytes``: how many bytes pass before the cut.
    package var bytes = 1...100_000
    /// For ``CutKind/beforeCommit`` and ``CutKind/afterCommit``: which commit of the connection is hit, from 1.
    package var commits = 1...1
    /// What the client sees of a cut. Defaults to an orderly end.
    package var way = CutWay.close
    /// After how many cuts in all the proxy only passes on. Defaults to no limit.
    package var limit = Int.max

    /// Cuts nothing by itself.
    package static let none = CutPolicy([])

    /// A policy that cuts every connection in one of these ways.
    package init(
        _ kinds: [CutKind], share: Double = 1, bytes: ClosedRange<Int> = 1...100_000, commits: ClosedRange<Int> = 1...1,
        way: CutWay = .close, limit: Int = .max
    ) {
        self.kinds = kinds
        self.share = share
        self.bytes = bytes
        self.commits = commits
        self.way = way
        self.limit = limit
    }

    /// Draws where the next connection is cut.
    func plan(using generator: inout SeededGenerator) -> CutPlan? {
        // The same number of draws whatever they say, so that one policy's numbers do not depend on another's.
        let chance = Double.random(in: 0..<1, using: &generator)
        let place = generator.next()
        guard chance < share, let kind = kinds.randomElement(using: &generator) else { return nil }
        let range =
            switch kind {
            case .copyData, .bytes, .onDemand: bytes
            case .beforeCommit, .afterCommit: commits
            }
        return CutPlan(kind: kind, place: range.lowerBound + Int(place % UInt64(range.count)))
    }
}

/// Where one connection is cut.
struct CutPlan {
    let kind: CutKind
    /// After so many bytes, or at this commit.
    let place: Int
}
