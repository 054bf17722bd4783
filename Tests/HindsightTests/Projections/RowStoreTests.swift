import Hindsight
import HindsightPostgres
import HindsightProjections
import Testing

/// What a store loads, writes and forgets, without a database.
@Suite("Rows in memory", .timeLimit(.minutes(1)))
struct RowStoreTests {
    // MARK: - Loading

    @Test("What is upserted is looked up once, whether it was found or not, and again when it was forgotten")
    func looksUp() {
        let test = StoreUnderTest.live()
        #expect(test.missing(.add("a"), .add("b"), .add("a")) == ["a", "b"])
        test.store.accept(Tally("a", 5), partition: 0)
        #expect(test.missing(.add("b"), .add("a"), .add("c")) == ["c"])
        #expect(test.store.heldKeys == 3)
        test.store.forget()
        #expect(test.store.heldKeys == 0)
        #expect(test.missing(.add("a"), .add("b")) == ["a", "b"])
    }

    @Test("A row that was loaded is folded on")
    func foldsOn() {
        let test = StoreUnderTest.live()
        _ = test.missing(.add("a"))
        test.store.accept(Tally("a", 5), partition: 0)
        #expect(test.fold(.add("a"), .add("a")) == nil)
        #expect(test.changed == [Tally("a", 7)])
        #expect(test.missing(.add("a")) == [])
    }

    @Test("Rows of new streams are not looked up but inserted, and replaced from then on")
    func presumesNew() throws {
        let test = StoreUnderTest.live()
        #expect(test.missing(presumingNew: .add("a"), .add("b"), .add("a")) == ["b"])
        test.fold(.add("a"), .add("b"), .add("a"))
        #expect(test.changed == [Tally("a", 2), Tally("b", 1)])
        #expect(try test.statements() == [.upsert, .insert])
        test.store.written()
        #expect(test.missing(.add("a")) == [])
        test.fold(.add("a"))
        #expect(try test.statements() == [.upsert])
    }

    @Test("What was presumed to be new, and not written as a row, is looked up")
    func presumedInVain() throws {
        let test = StoreUnderTest.live()
        #expect(test.missing(presumingNew: .add("a")) == [])
        // Its event was not folded, as that of a parked key.
        test.store.written()
        #expect(test.missing(.add("a")) == ["a"])
        // What is known is not presumed.
        #expect(test.missing(presumingNew: .add("a")) == [])
        test.store.accept(Tally("a", 5), partition: 0)
        test.fold(.add("a"))
        #expect(try test.statements() == [.upsert])
        test.store.forget()
        #expect(test.missing(presumingNew: .add("a")) == [])
        test.store.forget()
        #expect(test.missing(.add("a")) == ["a"])
    }

    @Test("A fresh table is asked for nothing, and after rows were forgotten only for keys that it has")
    func asksForStored() {
        let test = StoreUnderTest.fresh()
        #expect(test.missing(.add("a"), .add("b")) == [])
        test.fold(.add("a"), .add("b"), .add("gone"), .remove("gone"))
        test.store.written()
        test.store.forget()
        #expect(test.missing(.add("a"), .add("new"), .add("gone")) == ["a"])
        // What is new since then is in the table as well, once it is written.
        test.fold(.add("new"))
        test.store.written()
        test.store.forget()
        #expect(test.missing(.add("a"), .add("b"), .add("new"), .add("gone"), .add("never")) == ["a", "b", "new"])
    }

    @Test("Rows that are forgotten before they were written are not asked for")
    func forgottenUnwritten() {
        let test = StoreUnderTest.fresh()
        test.fold(.add("a"))
        test.store.written()
        test.fold(.add("b"))
        test.store.forget()
        #expect(test.missing(.add("a"), .add("b")) == ["a"])
    }

    @Test("After a reset the table counts as empty")
    func reset() {
        let test = StoreUnderTest.fresh()
        test.fold(.add("a"))
        test.store.written()
        test.store.forget()
        test.store.reset()
        #expect(test.missing(.add("a")) == [])
        #expect(test.store.heldKeys == 0 && test.store.rowCount == 0)
    }

    // MARK: - What has changed

    @Test("What was folded is written once")
    func writtenOnce() throws {
        let test = StoreUnderTest.live()
        test.fold(.add("a"), .add("a"), .add("b"))
        #expect(test.changed == [Tally("a", 2), Tally("b", 1)])
        #expect(try test.statements() == [.upsert])
        test.store.written()
        #expect(test.changed.isEmpty)
        #expect(try test.statements() == [])
        test.fold(.add("a"))
        #expect(test.changed == [Tally("a", 3)])
    }

    @Test(
        "However many rows are folded, each is written once, and not again", arguments: [2, 1_024, 1_025, 3_000])
    func manyWrittenOnce(count: Int) {
        let test = StoreUnderTest.live()
        let steps = (0..<count).map { StoreUnderTest.Step.add("\($0)") }
        func foldAll() {
            for first in stride(from: 0, to: count, by: 1_000) {
                test.fold(Array(steps[first..<min(first + 1_000, count)]))
            }
        }
        foldAll()
        foldAll()
        let changed = test.store.changedRows(partition: 0)
        #expect(changed.count == count && Set(changed) == Set((0..<count).map { Tally("\($0)", 2) }))
        test.store.written()
        #expect(test.changed.isEmpty && test.deleted.isEmpty)
        test.fold(.add("0"), .remove("1"), .add("new"))
        #expect(test.changed == [Tally("0", 3), Tally("new", 1)] && test.deleted == ["1"])
        test.store.written()
        foldAll()
        test.store.forget()
        test.fold(.add("0"))
        #expect(test.store.changedRows(partition: 0) == [Tally("0", 1)])
    }

    @Test("Deletions come first, and those of all partitions together", arguments: [1, 4])
    func order(partitions: Int) throws {
        let test = StoreUnderTest.fresh(partitions: partitions)
        let keys = (0..<100).map { "\($0)" }
        test.fold(keys.map { .add($0) })
        test.store.written()
        test.fold(keys.prefix(50).map { .remove($0) } + keys.suffix(50).map { .add($0) })
        #expect(test.deleted == Set(keys.prefix(50)))
        #expect(test.changed == Set(keys.suffix(50).map { Tally($0, 2) }))
        let statements = try test.statements()
        #expect(statements.prefix(2) == [.preferKeyLookUps, .delete])
        #expect(statements.dropFirst(2).allSatisfy { $0 == .upsert })
        #expect((1...partitions).contains(statements.count - 2))
    }

    @Test("A row that was deleted and made again between two writes is changed, not deleted")
    func madeAgain() throws {
        let test = StoreUnderTest.live()
        test.store.accept(Tally("a", 5), partition: 0)
        test.fold(.remove("a"), .add("a"))
        #expect(test.changed == [Tally("a", 1)] && test.deleted.isEmpty)
        test.store.written()
        test.fold(.remove("a"))
        #expect(test.changed.isEmpty && test.deleted == ["a"])
        #expect(try test.statements() == [.preferKeyLookUps, .delete])
        test.store.written()
        test.fold(.add("a"))
        #expect(test.changed == [Tally("a", 1)] && test.deleted.isEmpty)
    }

    @Test("A row that was deleted before it was ever stored is not written at all")
    func neverStored() throws {
        let test = StoreUnderTest.live()
        test.fold(.add("a"), .remove("a"))
        #expect(try test.statements() == [])
        test.store.written()
        test.fold(.remove("a"))
        #expect(try test.statements() == [])
    }

    @Test("Without a key, a deleted row stays in the table until the key is made")
    func deletedWithoutKey() throws {
        let test = StoreUnderTest.fresh()
        test.fold(.add("a"), .add("b"))
        #expect(!test.store.hasRewrittenRows)
        test.store.written()
        test.fold(.remove("a"))
        #expect(test.store.hasRewrittenRows)
        test.store.written()
        #expect(!test.store.hasRewrittenRows)
        // Made again, it must not be copied into the table beside the old one.
        test.fold(.add("a"))
        #expect(test.store.hasRewrittenRows)
        test.store.written()
        var keyed = StoreUnderTest.table
        keyed.isKeyed = true
        test.store.policy = keyed.writePolicy
        test.fold(.remove("a"))
        #expect(try test.statements() == [.preferKeyLookUps, .delete])
        test.store.written()
        test.fold(.add("a"))
        #expect(!test.store.hasRewrittenRows)
    }

    @Test("Statements have no more rows than they may", arguments: [0, 1, 2, 3, 4, 5, 6])
    func parts(rows: Int) throws {
        let test = StoreUnderTest.live()
        test.fold((0..<rows).map { .add("\($0)") })
        #expect(try test.statements() == (rows > 0 ? [.upsert] : []))
        #expect(try test.statements(atMost: 3).count == (rows + 2) / 3)
        test.store.written()
        test.fold((0..<rows).map { .remove("\($0)") })
        #expect(try test.statements(atMost: 3).count { $0 == .delete } == (rows + 2) / 3)
        #expect(try test.statements(atMost: 3).count { $0 == .preferKeyLookUps } == min(rows, 1))
    }

    @Test("An exchange deletes what was asked for and what is in memory, and writes the rows")
    func exchange() throws {
        let test = StoreUnderTest.fresh()
        test.fold(.add("a"), .add("b"))
        var statements: [StoreUnderTest.Statement] = []
        try test.store.exchange(["a", "c"]) { statements.append(StoreUnderTest.Statement($0)) }
        #expect(statements == [.preferKeyLookUps, .delete, .preferKeyLookUps, .delete, .upsert])
    }

    // MARK: - Folding

    @Test("Steps are folded in order, up to the first that fails")
    func failure() throws {
        let test = StoreUnderTest.live()
        let index = test.fold(.add("a"), .add("b"), .fail("a"), .add("c"))
        #expect(index == 2)
        // A batch that has failed is not written; its rows are forgotten.
        test.store.forget()
        #expect(try test.statements() == [])
    }

    @Test("Nothing is folded from the event on that could not be planned")
    func planFailure() throws {
        let test = StoreUnderTest.fresh(partitions: 1)
        let plan = test.plan([.add("a"), .add("b"), .remove("a")])
        plan.fail(at: 1, StoreUnderTest.event(1), StoreUnderTest.Refusal())
        #expect(test.fold(plan) == nil)
        #expect(test.store.heldKeys == 1)
        #expect(try test.statements() == [.upsert])
    }

    // MARK: - Parking

    @Test("A step that fails parks its key: the row is as before it, the key's later steps wait, and others are folded")
    func parking() throws {
        let test = StoreUnderTest.live(parkingAtMost: 2)
        #expect(test.fold(.add("a"), .add("b"), .fail("a"), .add("a"), .add("b")) == nil)
        #expect(test.changed == [Tally("a", 1), Tally("b", 2)])
        let notes = test.store.parkedNotes()
        #expect(notes.keys == [#"["a"]"#, #"["a"]"#])
        #expect(notes.positions == [2, 3])
        #expect(notes.errors == ["Refusal()", nil])
        #expect(notes.counts == [1, 1])
        test.store.written()
        #expect(test.store.parkedNotes().isEmpty)
        #expect(test.fold(.add("a"), .add("b")) == nil)
        #expect(test.store.parkedNotes().positions == [0])
        #expect(test.changed == [Tally("b", 3)])
    }

    @Test("Each event of a parked key is noted once, whatever comes between")
    func manyNotes() throws {
        let test = StoreUnderTest.live(parkingAtMost: 2)
        #expect(test.fold([.fail("a")] + (0..<999).map { _ in .add("a") }) == nil)
        let notes = test.store.parkedNotes()
        #expect(notes.counts == Array(repeating: 1, count: 1_000))
        #expect(notes.positions == Array(0..<1_000))
    }

    @Test("A row that fails before it was touched is not written, and a new one is not made")
    func parkingUntouched() throws {
        let test = StoreUnderTest.live(parkingAtMost: 2)
        #expect(test.fold(.fail("a"), .add("a")) == nil)
        #expect(test.changed.isEmpty)
        #expect(try test.statements() == [])
    }

    @Test("Keys that were parked before count, and one more than is allowed ends the fold")
    func fuse() throws {
        let test = StoreUnderTest.live(parkingAtMost: 2)
        try test.store.accept(parked: [#"["x"]"#])
        #expect(test.fold(.add("x"), .fail("a"), .add("b"), .fail("c")) == 3)
        test.store.forget()
        test.store.forgetParked()
        #expect(test.fold(.add("x"), .fail("a"), .fail("c")) == nil)
        #expect(test.changed == [Tally("x", 1)])
    }

    @Test("Parked keys are left alone also where none is parked any more")
    func parkedBefore() throws {
        let test = StoreUnderTest.live()
        try test.store.accept(parked: [#"["x"]"#])
        #expect(test.fold(.add("x"), .add("b"), .fail("a"), .add("b")) == 2)
        #expect(test.store.parkedNotes().keys == [#"["x"]"#])
    }

    // MARK: - Memory

    @Test("Rows and their memory are counted, and given back when they are forgotten")
    func memory() {
        let test = StoreUnderTest.fresh()
        let empty = test.store.byteCount
        test.fold((0..<1_000).map { .add("a key that is longer than a string holds in itself, number \($0)") })
        #expect(test.store.rowCount == 1_000)
        // A key is held in its slot and in its row.
        #expect(test.store.byteCount > 1_000 * 100)
        test.store.written()
        test.store.forget()
        #expect(test.store.rowCount == 1_000)
        // What is left is the lists of keys.
        #expect(test.store.byteCount < empty + 50_000)
        test.fold(.add("another"))
        test.store.written()
        #expect(test.store.rowCount == 1_001)
        test.fold(.remove("another"))
        test.store.written()
        #expect(test.store.rowCount == 1_000)
    }
}
