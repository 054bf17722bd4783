import HindsightProjections
import Testing

/// Which keys are folded when only some rows are rebuilt.
@Suite("Some keys only", .timeLimit(.minutes(1)))
struct KeySelectionTests {
    private static let partitions = 4
    private static let keys = Set((0..<100).map { "\($0)" })

    /// Which keys a selection leaves in a plan.
    private func narrowed(_ selection: KeySelection<Tally>, _ keys: Set<String> = keys) -> Set<String> {
        let test = StoreUnderTest.fresh(partitions: Self.partitions)
        let plan = test.plan(keys.map { .add($0) })
        for partition in 0..<Self.partitions { selection.narrow(plan, partition: partition) }
        _ = test.fold(plan)
        return Set(test.changed.map(\.id))
    }

    @Test("At first all keys are folded")
    func all() {
        let selection = KeySelection<Tally>(partitions: Self.partitions)
        #expect(narrowed(selection) == Self.keys)
        #expect(selection.keys.isEmpty && selection.byteCount == 0)
    }

    @Test("A selection leaves its keys only")
    func some() {
        var selection = KeySelection<Tally>(partitions: Self.partitions)
        selection.restrict(to: ["7", "another"])
        #expect(narrowed(selection) == ["7"])
        #expect(selection.keys == ["7", "another"])
    }

    @Test("Keys are noted without being folded, and then they alone are folded")
    func noted() {
        var selection = KeySelection<Tally>(partitions: Self.partitions)
        selection.noteKeys()
        #expect(narrowed(selection, ["1", "2"]).isEmpty)
        #expect(narrowed(selection, ["2", "3"]).isEmpty)
        #expect(selection.keys.isEmpty && selection.byteCount > 0)
        let noted = selection.byteCount
        selection.restrictToNoted()
        #expect(selection.keys == ["1", "2", "3"])
        #expect(selection.byteCount == noted)
        #expect(narrowed(selection) == ["1", "2", "3"])
    }
}
