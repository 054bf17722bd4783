import Hindsight
import Testing

@Suite("Folds", .serialized, .timeLimit(.minutes(3)))
struct FoldTests {
    /// What came in and went out; a new row starts with a hundred.
    private struct Total: ViewRow, Hashable {
        var id = ""
        var sum = 100
        var events = 0
        static let table = ViewTable("total", of: Self(), key: \.id, \.sum, \.events)
    }

    private func rows(_ bank: Bank, _ projection: ViewProjection<Total>) async throws -> [Total] {
        try await bank.engine(projection).runUntilCaughtUp()
        let live = try await Views(pool: bank.views).fetch(Total.query.order(by: \.id))
        try await bank.rebuild(projection)
        #expect(
            try await Views(pool: bank.views).fetch(Total.query.order(by: \.id)) == live, "a rebuild makes the same")
        return live
    }

    @Test("A row arrives made, with its stream's id as its key, and another event deletes it")
    func madeRows() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "a")
            try await bank.append(Bank.Deposited(amount: 2), to: "a")
            try await bank.append(Bank.Deposited(amount: 3), to: "b")
            try await bank.append(Bank.Closed(), to: "a")
            try await bank.append(Bank.Deposited(amount: 4), to: "a")
            try await bank.append(Bank.Closed(), to: "nobody")
            let projection = ViewProjection(Total.self, version: 1, lookingAt: [])
                .on(Bank.Deposited.self) { total, event, _ in
                    total.sum += event.amount
                    total.events += 1
                }
                .delete(on: Bank.Closed.self)
            #expect(
                try await rows(bank, projection) == [
                    Total(id: "a", sum: 104, events: 1), Total(id: "b", sum: 103, events: 1),
                ])
        }
    }

    @Test("A fold of an optional row decides whether there is one, and none is made for it")
    func optionalRows() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Withdrawn(amount: 1), to: "a")
            try await bank.append(Bank.Deposited(amount: 2), to: "b")
            try await bank.append(Bank.Withdrawn(amount: 2), to: "b")
            let projection = ViewProjection(Total.self, version: 1)
                .on(Bank.Deposited.self) { total, event, _ in total.sum += event.amount }
                .onOptional(Bank.Withdrawn.self) { total, event, _ in total?.sum -= event.amount }
            #expect(try await rows(bank, projection) == [Total(id: "b")])
        }
    }

    @Test("One event makes and changes the rows of several keys")
    func severalRows() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Transferred(to: "b", amount: 5), to: "a")
            try await bank.append(Bank.Transferred(to: "c", amount: 6), to: "b")
            let projection = ViewProjection(Total.self, version: 1)
                .onEach(Bank.Transferred.self, keys: { [$1.stream.id, $0.to] }) { total, event, context in
                    total.sum += total.id == context.stream.id ? -event.amount : event.amount
                    total.events += 1
                }
            #expect(
                try await rows(bank, projection) == [
                    Total(id: "a", sum: 95, events: 1), Total(id: "b", sum: 99, events: 2),
                    Total(id: "c", sum: 106, events: 1),
                ])
        }
    }

    private protocol Movement: Event {
        var amount: Int { get }
    }
    private struct In: Movement {
        var amount: Int
    }
    private struct Out: Movement {
        var amount: Int
    }
    private struct Gift: Movement {
        var amount: Int
    }
    private struct Fee: Movement {
        var amount: Int
    }
    private struct Interest: Movement {
        var amount: Int
    }
    private struct Stranger: Event {}

    @Test("One closure handles two to five types that share a protocol, without registration", arguments: 2...5)
    func sharedFold(count: Int) async throws {
        try await Bank.open { bank in
            let registry = EventRegistry(In.self, Out.self, Gift.self, Fee.self, Interest.self)
            let events = [
                try registry.encode(In(amount: 1)), try registry.encode(Out(amount: 2)),
                try registry.encode(Gift(amount: 4)), try registry.encode(Fee(amount: 8)),
                try registry.encode(Interest(amount: 16)),
            ]
            try await bank.log.append(Array(events.prefix(count)), to: "account-a", expected: .noStream)
            let start = ViewProjection(Total.self, version: 1)
            let fold: ViewProjection<Total>.Fold<any Movement> = { total, movement, _ in
                total.sum += movement.amount
                total.events += 1
            }
            let shared = (any Movement).self
            let projection =
                switch count {
                case 2: start.on(In.self, Out.self, as: shared, fold: fold)
                case 3: start.on(In.self, Out.self, Gift.self, as: shared, fold: fold)
                case 4: start.on(In.self, Out.self, Gift.self, Fee.self, as: shared, fold: fold)
                default:
                    start.on(
                        In.self, Out.self, Gift.self, Fee.self, Interest.self, as: shared, key: { $1.stream.id },
                        fold: fold)
                }
            let expected = Total(id: "a", sum: 100 + (1 << count) - 1, events: count)
            #expect(try await rows(bank, projection) == [expected])
        }
    }

    @Test("A type that does not conform to the shared protocol stops the projection with its name")
    func stranger() async throws {
        try await Bank.open { bank in
            try await bank.log.append(
                [try EventRegistry().encode(Stranger())], to: "account-a", expected: .noStream)
            let projection = ViewProjection(Total.self, version: 1)
                .on(In.self, Stranger.self, as: (any Movement).self) { total, movement, _ in
                    total.sum += movement.amount
                }
            await #expect(throws: ProjectionError.self) { try await bank.engine(projection).runUntilCaughtUp() }
            #expect(try await bank.offset(of: "total")?.error?.contains("Stranger is handled as") == true)
        }
    }

    @Test("A fold that changes a made row's key stops the projection")
    func changedKey() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "a")
            let projection = ViewProjection(Total.self, version: 1)
                .on(Bank.Deposited.self) { total, _, _ in total.id = "other" }
            await #expect(throws: ProjectionError.self) { try await bank.engine(projection).runUntilCaughtUp() }
            #expect(try await bank.offset(of: "total")?.error?.contains("left a row with key other") == true)
        }
    }
}
