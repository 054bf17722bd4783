import HindsightLog
import HindsightProjections
import HindsightTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A log with holes that grows while somebody reads it, ahead or not: what ``FeedDemand`` says to read next must miss nothing and repeat
/// nothing.
struct FeedWorld {
    private var random: SeededGenerator
    private var positions: [Int64] = []
    private static let anchor = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
    /// What must never happen, and did.
    private(set) var violation: String?

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        grow(chance(40))
    }

    private mutating func chance(_ limit: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 33) % limit }

    private mutating func grow(_ count: Int) {
        for _ in 0..<count { positions.append((positions.last ?? 0) + 1 + Int64(chance(3))) }
    }

    private func place(_ position: Int64) -> Offset {
        position == 0 ? .beginning : Offset(position: position, anchor: Self.anchor)
    }

    /// What the log gives for a demand.
    private func read(_ demand: FeedDemand) -> (batch: EventBatch, positions: [Int64]) {
        let last = min(demand.end?.position ?? .max, positions.last ?? 0)
        let wanted = positions.filter { $0 > demand.offset.position && $0 <= last }.prefix(demand.limit)
        let through = wanted.count == demand.limit ? wanted.last ?? 0 : max(last, demand.offset.position)
        return (
            EventBatch(events: [], through: place(through), frontier: place(positions.last ?? 0)), Array(wanted)
        )
    }

    /// Reads to the end, and compares what was delivered with what is in the log.
    mutating func run() {
        let end = chance(2) == 0 ? positions.last.map { place($0) } : nil
        let (limit, readsAhead, growth) = (1 + chance(6), chance(4) != 0, chance(3))
        var offset = Offset.beginning
        var ahead: FeedDemand?
        var delivered: [Int64] = []
        for _ in 0..<200 {
            let demand = FeedDemand(offset: offset, filter: .all, end: end, limit: limit, readsAhead: readsAhead)
            // What was read ahead is what is demanded then, or nothing was.
            if let ahead, ahead != demand { violation = "reads \(ahead.offset) ahead, and wants \(demand.offset)" }
            let (batch, positions) = read(ahead ?? demand)
            delivered += positions
            ahead = (ahead ?? demand).following(batch)
            if ahead != nil, batch.isAtFrontier { violation = "reads ahead of the frontier" }
            if ahead != nil, !readsAhead { violation = "reads ahead although it should not" }
            if readsAhead, !batch.isAtFrontier, ahead == nil { violation = "does not read ahead" }
            offset = batch.through
            if growth > 0, delivered.count < 60 { grow(chance(growth + 1)) }
            if let end, offset.position >= end.position { break }
            if batch.isAtFrontier, growth == 0 { break }
        }
        let wanted = positions.filter { $0 <= min(offset.position, end?.position ?? .max) }
        if delivered != wanted { violation = "delivered \(delivered), and the log has \(wanted)" }
    }
}
