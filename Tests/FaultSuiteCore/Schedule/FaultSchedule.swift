import HindsightTestSupport

/// Which faults come one after the other, and which together: the same ones for the same seed.
///
/// It goes through all kinds in rounds, each in another order, so that also a short run has each of them. In about one of four steps
/// two faults happen at once, to different targets.
package struct FaultSchedule: Sendable, Sequence, IteratorProtocol {
    /// What happens at once, and how long before it nothing does.
    package struct Step: Hashable, Sendable {
        package var pause: Duration
        package var faults: [Fault]
    }

    /// How many nodes there are.
    package static let nodes = 3
    private static let suspensions = 1_200...3_500
    private static let fullDisks = 300...1_200

    private let kinds: [FaultKind]
    private var random: SeededGenerator
    private var round: [FaultKind] = []

    /// - Parameters:
    ///   - seed: chooses everything.
    ///   - kinds: what may happen; one or more.
    package init(seed: UInt64, kinds: [FaultKind] = FaultKind.allCases) {
        precondition(!kinds.isEmpty, "a schedule needs a kind of fault")
        self.kinds = kinds
        random = SeededGenerator(seed: seed)
    }

    package mutating func next() -> Step? {
        let pause = Duration.milliseconds(Int.random(in: 0...400, using: &random))
        let isDouble = Int.random(in: 0..<4, using: &random) == 0
        var faults = [draw(nextKind())]
        if isDouble, let companion = takeCompanion(of: faults[0].kind) { faults.append(draw(companion)) }
        return Step(pause: pause, faults: faults)
    }

    private mutating func nextKind() -> FaultKind {
        if round.isEmpty { round = kinds.shuffled(using: &random) }
        return round.removeFirst()
    }

    /// The first kind in the rest of the round that can happen at the same time.
    private mutating func takeCompanion(of kind: FaultKind) -> FaultKind? {
        guard let index = round.firstIndex(where: { $0.targets.isDisjoint(with: kind.targets) }) else { return nil }
        return round.remove(at: index)
    }

    private mutating func draw(_ kind: FaultKind) -> Fault {
        let node = Int.random(in: 0..<Self.nodes, using: &random)
        let range = kind == .fullDisk ? Self.fullDisks : Self.suspensions
        return Fault(
            kind: kind, node: node, duration: .milliseconds(Int.random(in: range, using: &random)),
            choice: random.next())
    }
}
