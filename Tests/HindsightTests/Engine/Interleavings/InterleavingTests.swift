import HindsightTestSupport
import Testing

/// What holds in every order of the statements of two or three operations of the offset store, of a swap and of readers.
@Suite("Every interleaving", .serialized, .timeLimit(.minutes(10)))
struct InterleavingTests {
    /// With the shard that each of them is about where orders differ by it.
    static let operations: [ShardOperation] = [
        .advance(.shown), .advance(.kept), .advance(.rebuild), .advance(.next), .advanceTogether(.shown, .kept),
        .take(.shown), .takeAndAdvance(.shown), .takeAndAdvance(.kept), .takeAndAdvance(.shown, by: "b"),
        .renew(.shown), .release(.shown), .stop(.shown), .resume(.shown), .hold(.shown), .fence(.shown),
        .prove(.shown),
        .complete(.rebuild), .complete(.next), .swap(), .rollBack(), .rollBackOnPurpose(), .show(), .reset(),
        .readCommitted(), .repeatableRead(),
    ]

    /// What may meet keys in flight. Their own engine has no other transaction under the same lease until all of them have ended.
    static let besideKeysInFlight: [ShardOperation] = [
        .handle(5), .handle(5, prolongs: false), .take(.shown), .takeAndAdvance(.shown),
        .takeAndAdvance(.shown, by: "b"), .renew(.shown), .release(.shown), .stop(.shown), .resume(.shown),
        .hold(.shown), .fence(.shown), .prove(.shown), .swap(), .rollBackOnPurpose(), .reset(),
    ]

    private func expectNone(
        _ summary: Interleaving.Summary, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for report in summary.violations.prefix(2) {
            Issue.record(
                "\(name): \(summary.violations.count) of \(summary.orders) orders\n\(report)",
                sourceLocation: sourceLocation)
        }
    }

    /// Operations on one shard that is not shown, which those on another one do not meet.
    private static let aside: [String: ShardWorld.Shard] = [
        "advance kept 1": .kept, "advance rebuild 1": .rebuild, "advance projection 2": .next,
        "take kept 1 and advance": .kept,
    ]

    /// True if two operations have a shard in common, or one of them changes what is shown or reads it.
    private static func meet(_ first: ShardOperation, _ second: ShardOperation) -> Bool {
        [(first, second), (second, first)].allSatisfy { one, other in
            guard let shard = aside[one.name] else { return true }
            return other.name.contains("\(shard)") || !other.name.contains { $0.isNumber }
        }
    }

    private func world(for operations: [ShardOperation]) -> ShardWorld {
        let names = Set(operations.map(\.name))
        return ShardWorld(
            stoppedAt: names.contains("resume projection 1") && !names.contains("stop projection 1") ? 4 : nil,
            keepsKept: !names.contains("roll back on purpose"))
    }

    @Test("Each pair of operations, in all orders", arguments: operations.indices)
    func pairs(first: Int) async throws {
        try await InterleavingServer.shared.withInterleaving { interleaving in
            var (orders, waits) = (0, 0)
            var ends: Set<String> = []
            for second in Self.operations[first...] where Self.meet(Self.operations[first], second) {
                let pair = [Self.operations[first], second]
                let summary = try await interleaving.run(pair, in: world(for: pair))
                expectNone(summary, "\(pair[0]) and \(pair[1])")
                #expect(summary.orders > 1)
                (orders, waits) = (orders + summary.orders, waits + summary.waits)
                ends.formUnion(summary.ends.keys.map { $0[0] })
            }
            #expect(ends.contains("done"), "it never comes to its end: \(ends)")
            print("interleavings of \(Self.operations[first]): \(orders) orders, a step waited in \(waits)")
        }
    }

    @Test("Keys in flight beside each other operation, in all orders", arguments: besideKeysInFlight.indices)
    func keysInFlight(second: Int) async throws {
        try await InterleavingServer.shared.withInterleaving { interleaving in
            let other = Self.besideKeysInFlight[second]
            for handled in [ShardOperation.handle(4), .handle(5), .handle(4, prolongs: false)] {
                // No event is in flight twice under one lease.
                guard handled.name.prefix(8) != other.name.prefix(8) else { continue }
                let pair = [handled, other]
                let summary = try await interleaving.run(pair, in: world(for: pair))
                expectNone(summary, "\(pair[0]) and \(pair[1])")
                #expect(summary.ends.keys.contains { $0[0] == "done" }, "ends: \(summary.ends)")
                #expect(summary.ends.keys.contains { $0[1] == "done" }, "ends: \(summary.ends)")
            }
        }
    }

    /// Operations of which three meet, and the world in which they do.
    struct Triple: Sendable, CustomTestStringConvertible {
        let operations: [ShardOperation]
        var world = ShardWorld()
        /// What happens in some order, so that the orders are worth something.
        let reaches: String

        var testDescription: String { operations.map(\.name).joined(separator: " + ") }
    }

    private static let advance = ShardOperation.advance(.shown).coarse([3, 1])
    private static let swap = ShardOperation.swap().coarse([6, 1])
    private static let fillAndShow = ShardOperation.show().coarse([3, 1])
        .after(.complete(.next).coarse([2])).after(.advance(.next, from: 0, to: 3).coarse([4]))
    private static let fillAndSwap =
        swap
        .after(.complete(.rebuild).coarse([2])).after(.advance(.rebuild, from: 0, to: 3).coarse([4]))
    /// Caught up with what is shown, and not noted anew.
    private static let catchUpAndSwap = ShardOperation.swap(at: 4).coarse([6, 1])
        .after(.advance(.rebuild).coarse([4]))
    private static let noteAndSwap = ShardOperation.swap(at: 4).coarse([6, 1])
        .after(.complete(.rebuild).coarse([2])).after(.advance(.rebuild).coarse([4]))

    private static let noteAndRollBack = ShardOperation.rollBack().coarse([4, 1])
        .after(.complete(.kept).coarse([2])).after(.advance(.kept).coarse([4]))

    static let triples: [Triple] = [
        Triple(operations: [advance, noteAndRollBack, .repeatableRead()], reaches: "waiting"),
        Triple(
            operations: [.advanceTogether(.shown, .kept).coarse([2, 1, 1, 1]), .rollBack(), .take(.kept, by: "b")],
            reaches: "ended"),
        Triple(operations: [advance, .complete(.rebuild).coarse([2]), swap, .repeatableRead()], reaches: "behind"),
        Triple(operations: [advance, .rollBack().coarse([2, 1, 2]), .takeAndAdvance(.shown)], reaches: "HS001"),
        Triple(operations: [advance, .rollBack().coarse([4, 1]), .repeatableRead()], reaches: "behind"),
        Triple(operations: [advance, .show().coarse([3, 1]), .repeatableRead()], reaches: "behind"),
        Triple(operations: [advance, catchUpAndSwap, .repeatableRead()], reaches: "behind"),
        Triple(operations: [advance, noteAndSwap, .repeatableRead()], reaches: "waiting"),
        Triple(
            operations: [advance, fillAndShow, .repeatableRead()], world: ShardWorld(next: 0), reaches: "waiting"),
        Triple(
            operations: [advance, fillAndSwap, .repeatableRead()], world: ShardWorld(rebuild: 0), reaches: "waiting"),
        Triple(operations: [.advance(.shown), .stop(.shown), .resume(.shown)], reaches: "HS001"),
        Triple(
            operations: [.advance(.shown), .takeAndAdvance(.shown, by: "b").coarse([2, 1, 2]), swap], reaches: "ended"),
        Triple(operations: [advance, swap, .show().coarse([3, 1])], reaches: "another version is shown"),
        Triple(
            operations: [
                .handle(4).coarse([2, 1, 1]), .handle(5).coarse([2, 1, 1]),
                .takeAndAdvance(.shown, by: "b").coarse([2, 1, 2]),
            ], reaches: "HS001"),
        Triple(
            operations: [advance, .reset().coarse([1, 2, 1]), .takeAndAdvance(.shown).coarse([2, 1, 2])],
            reaches: "HS001"),
    ]

    @Test("Three operations, in all orders", arguments: triples)
    func triple(_ triple: Triple) async throws {
        try await InterleavingServer.shared.withInterleaving { interleaving in
            let summary = try await interleaving.run(triple.operations, in: triple.world)
            expectNone(summary, triple.testDescription)
            #expect(summary.ends.keys.contains { $0.contains(triple.reaches) }, "ends: \(summary.ends)")
            print(
                "interleavings of \(triple.testDescription): \(summary.orders) orders, a step waited in \(summary.waits)"
            )
        }
    }

    // MARK: - With a mend taken out

    /// A store in which something is wrong, and the operations by which it shows.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let mutant: StoreMutant
        let operations: [ShardOperation]
        var world = ShardWorld()
        let violates: ShardRules.Property
    }

    static let mutants: [Case] = [
        Case(
            testDescription: "finding 1: exchange reads before it waits", mutant: .exchangeReadsBeforeLock,
            operations: [.rollBackOnPurpose(), .advance(.shown)], world: ShardWorld(keepsKept: false), violates: .once),
        Case(
            testDescription: "finding 1: move reads before it waits", mutant: .moveReadsBeforeLock,
            operations: [.swap(), .advance(.shown)], violates: .once),
        Case(
            testDescription: "finding 3: a version that was filled does not wait for older snapshots",
            mutant: .showDoesNotWait,
            operations: [fillAndShow, .repeatableRead()], world: ShardWorld(next: 0), violates: .neverEmpty),
        Case(
            testDescription: "finding 7: noted once, before a later catch-up", mutant: .comparesPresentPosition,
            operations: [advance, catchUpAndSwap, .repeatableRead()], violates: .neverBack),
        Case(
            testDescription: "an advance that does not compare the epoch", mutant: .advanceWithoutEpoch,
            operations: [.advance(.shown), .fence(.shown)], violates: .ownLease),
        Case(
            testDescription: "an advance that does not compare the position", mutant: .advanceWithoutPosition,
            operations: [.advance(.shown), .advance(.shown)], violates: .once),
        Case(
            testDescription: "keys in flight that do not compare the epoch", mutant: .noteWithoutEpoch,
            operations: [.handle(4), .fence(.shown)], violates: .ownLease),
        Case(
            testDescription: "keys in flight that do not lock the offset", mutant: .noteWithoutLock,
            operations: [.handle(4, prolongs: false), .fence(.shown)], violates: .ownLease),
        Case(
            testDescription: "keys in flight that do not lock the offset whose lease they prolong",
            mutant: .noteProlongsWithoutLock, operations: [.handle(4), .fence(.shown)], violates: .ownLease),
        Case(
            testDescription: "an exchange that leaves notes behind", mutant: .exchangeLeavesNotes,
            operations: [.handle(5), .rollBackOnPurpose()], world: ShardWorld(keepsKept: false), violates: .once),
        Case(
            testDescription: "an exchange that keeps epochs", mutant: .exchangeKeepsEpochs,
            operations: [.advance(.shown), .rollBackOnPurpose()], world: ShardWorld(keepsKept: false), violates: .once),
    ]

    @Test("What is wrong in the store is found", arguments: mutants)
    func mutant(_ wrong: Case) async throws {
        try await InterleavingServer.shared.withInterleaving(wrong.mutant) { interleaving in
            let summary = try await interleaving.run(
                wrong.operations, in: wrong.world, untilViolated: wrong.violates)
            #expect(summary.violates(wrong.violates), "\(summary.orders) orders, which end like this: \(summary.ends)")
        }
    }
}
