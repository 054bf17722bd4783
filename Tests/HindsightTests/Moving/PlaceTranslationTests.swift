import HindsightLog
import HindsightProjections
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Finding positions in a copy of the log", .timeLimit(.minutes(1)))
struct PlaceTranslationTests {
    /// A copy of events at these positions, of two types in turn.
    private static func copy(_ origins: [Int64]) -> [CopiedEvent] {
        origins.enumerated().map { index, origin in
            CopiedEvent(
                id: UUID(), type: index.isMultiple(of: 2) ? "Even" : "Odd", position: Int64(index) + 1, origin: origin)
        }
    }

    private static let events = copy([2, 3, 7, 8, 20, 21])

    /// - Returns: how many events were taken.
    @discardableResult
    private static func go(_ translation: inout PlaceTranslation, through events: [CopiedEvent] = events) throws -> Int
    {
        for (index, event) in events.enumerated() {
            if try !translation.take(event) { return index + 1 }
        }
        return events.count
    }

    @Test func findsEachAndLooksNoFurther() throws {
        var translation = PlaceTranslation(of: [8, 3, 0, 3, -1], ids: [3: Self.events[1].id])
        #expect(try Self.go(&translation) == 4)
        #expect(translation.isComplete)
        #expect([3, 8, 0, -1].map { translation.copy(of: $0) } == [2, 4, 0, -1])
        #expect([2, 7, 9].allSatisfy { translation.copy(of: $0) == nil })
    }

    @Test func saysWhatIsMissing() throws {
        var translation = PlaceTranslation(of: [3, 30], ids: [:])
        try Self.go(&translation)
        #expect(!translation.isComplete && translation.missing == 30 && translation.copy(of: 3) == 2)
    }

    @Test func passesOverHintsThatAreNotThere() throws {
        var translation = PlaceTranslation(of: [3, 20], ids: [:], hints: [5, 7, 20, 30])
        #expect(try Self.go(&translation) == 6)
        #expect([3, 20, 7].map { translation.copy(of: $0) } == [2, 5, 3])
        #expect([5, 30].allSatisfy { translation.copy(of: $0) == nil } && translation.missing == nil)
        var behind = PlaceTranslation(of: [25], ids: [:], hints: [22])
        try Self.go(&behind)
        #expect(behind.missing == 25)
    }

    @Test func refusesWhatIsNoCopy() {
        var none = PlaceTranslation(of: [9], ids: [:])
        #expect(throws: ProjectionError.self) { try Self.go(&none) }
        var other = PlaceTranslation(of: [7], ids: [7: UUID()])
        #expect(throws: ProjectionError.self) { try Self.go(&other) }
        for origins: [Int64] in [[2, 2, 7], [3, 2, 7]] {
            var disordered = PlaceTranslation(of: [7], ids: [:])
            #expect(throws: ProjectionError.self) { try Self.go(&disordered, through: Self.copy(origins)) }
        }
    }

    @Test func changesChecksumsByTheEventsThatTheyAreOf() throws {
        let sums: [(through: Int64, types: Set<String>)] = [
            (21, ["Even", "Odd"]), (8, ["Odd"]), (0, ["Even"]), (8, ["Neither"]),
        ]
        var translation = PlaceTranslation(of: [8, 21], ids: [:], sums: sums)
        try Self.go(&translation)
        for (sum, change) in zip(sums, translation.sumChanges) {
            var (before, after) = (LogChecksum(), LogChecksum())
            for event in Self.events where event.origin <= sum.through && sum.types.contains(event.type) {
                before.add(event.origin)
                after.add(event.position)
            }
            #expect(before.positionSum + change.growth == after.positionSum)
            #expect(before.positionMix ^ change.mix == after.positionMix)
        }
    }
}
