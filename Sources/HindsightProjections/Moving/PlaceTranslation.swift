import HindsightLog

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Finds the positions of events in a copy of their log, going through the copy once.
///
/// Each id that is known is compared, and each event must stand behind the one before it in both logs. Sums of the positions that were gone
/// through show in which events the checksums differ.
package struct PlaceTranslation: Sendable {
    /// By how much a checksum changes when positions of one log become those of the other.
    package struct SumChange: Hashable, Sendable {
        package var growth: Int128 = 0
        package var mix: Int64 = 0

        package init() {}
    }

    /// The positions that are looked for, growing, each once.
    private let wanted: [Int64]
    private let ids: [Int64: UUID]
    /// Of what is looked for, what need not be found.
    private let hints: Set<Int64>
    /// Up to where sums are wanted, and of which types, by what they are wanted for.
    private var limits: [(through: Int64, types: Set<String>, index: Int)]
    /// The positions in the copy of those that were come to, in the same order; nil for a hint of which there is no event.
    private var copies: [Int64?] = []
    private var byType: [String: SumChange] = [:]
    private var results: [SumChange]
    private var last = (origin: Int64(0), position: Int64(0))

    /// - Parameters:
    ///   - positions: what is looked for, in any order; what is below 1 is not.
    ///   - ids: those of the events at some of these positions.
    ///   - hints: what is looked for as well, and need not be there.
    ///   - sums: up to which position, which must be among the others, and of which types sums are wanted.
    package init(
        of positions: some Sequence<Int64>, ids: [Int64: UUID], hints: Set<Int64> = [],
        sums: [(through: Int64, types: Set<String>)] = []
    ) {
        let required = Set(positions)
        wanted = required.union(hints).filter { $0 > 0 }.sorted()
        self.ids = ids
        self.hints = hints.subtracting(required)
        limits = sums.enumerated().map { ($1.through, $1.types, $0) }.sorted { $0.through > $1.through }
        results = sums.map { _ in SumChange() }
        limits.removeAll { $0.through <= 0 }
    }

    /// Whether everything was come to.
    package var isComplete: Bool { copies.count == wanted.count }

    /// The first position that was not come to yet and must be found; nil if there is none.
    package var missing: Int64? { wanted[copies.count...].first { !hints.contains($0) } }

    private var next: Int64? { isComplete ? nil : wanted[copies.count] }

    /// Takes the next event of the copy in.
    ///
    /// - Returns: whether to go on.
    /// - Throws: ``ProjectionError`` with `cannotMove` if the copy has another event there, or none.
    package mutating func take(_ event: CopiedEvent) throws(ProjectionError) -> Bool {
        guard !isComplete else { return false }
        guard event.origin > last.origin, event.position > last.position else {
            throw Self.noCopy("its events are in another order: position \(event.origin) comes after \(last.origin)")
        }
        last = (event.origin, event.position)
        while let next, event.origin > next {
            guard hints.contains(next) else { throw Self.noCopy("it has no event from position \(next)") }
            copies.append(nil)
        }
        guard let next else { return false }
        if !limits.isEmpty { add(event) }
        guard event.origin == next else { return true }
        if let id = ids[next], id != event.id {
            throw Self.noCopy(
                "from position \(next) it has the event \(event.id.uuidString.lowercased()), and what is to be moved has seen \(id.uuidString.lowercased()) there"
            )
        }
        copies.append(event.position)
        while let limit = limits.last, limit.through <= event.origin {
            limits.removeLast()
            for type in limit.types {
                guard let change = byType[type] else { continue }
                results[limit.index].growth += change.growth
                results[limit.index].mix ^= change.mix
            }
        }
        return !isComplete
    }

    private mutating func add(_ event: CopiedEvent) {
        var (before, after) = (LogChecksum(), LogChecksum())
        before.add(event.origin)
        after.add(event.position)
        byType[event.type, default: SumChange()].growth += after.positionSum - before.positionSum
        byType[event.type, default: SumChange()].mix ^= after.positionMix ^ before.positionMix
    }

    /// The position in the copy of the event at a position that was looked for; what is below 1 stays.
    ///
    /// - Returns: nil if that was not looked for, or not found.
    package func copy(of position: Int64) -> Int64? {
        guard position > 0 else { return position }
        var (low, high) = (0, copies.count)
        while low < high {
            let middle = (low + high) / 2
            if wanted[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low < copies.count && wanted[low] == position ? copies[low] : nil
    }

    /// By how much each of the sums changes.
    package var sumChanges: [SumChange] { results }

    private static func noCopy(_ reason: String) -> ProjectionError {
        ProjectionError(
            .cannotMove, "this log is no copy of the one from which projections are to be moved: \(reason)")
    }
}
