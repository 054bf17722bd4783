import Hindsight
import HindsightPostgres
import Synchronization
import Testing

@Suite("Decoding for projections", .serialized, .timeLimit(.minutes(3)))
struct DecoderTests {
    /// Counts what it decodes.
    private final class CountingCodec: EventCodec {
        private let codec = JSONEventCodec()
        private let state = Mutex(0)

        var decoded: Int { state.withLock { $0 } }

        func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] { try codec.encode(value) }

        func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
            state.withLock { $0 += 1 }
            return try codec.decode(type, from: bytes)
        }
    }

    private struct OldDeposit: Event {
        static let eventType = "MoneyArrived"
        var pence: Int
    }

    private struct MiddleDeposit: Event {
        static let eventType = "Deposited"
        static let schemaVersion = 2
        var pounds: Int
    }

    @Test("An event is decoded once for all views that want it, once for all with statements, and not at all for none")
    func decodedOnce() async throws {
        try await Bank.open { bank in
            let codec = CountingCodec()
            var registry = EventRegistry(codec: codec)
            registry.register(Bank.Deposited.self)
            registry.register(Bank.Withdrawn.self)
            registry.register(Bank.Closed.self)
            for amount in 1...50 {
                try await bank.append(
                    Bank.Deposited(amount: amount), Bank.Withdrawn(amount: 1), Bank.Transferred(to: "1", amount: 1),
                    to: "\(amount % 3)")
            }
            try await bank.engine(
                Account.projection(), Turnover.projection(), Journal.projection(), registry: registry
            ).runUntilCaughtUp()
            // Two types for the views, and one of them once more: statements are fed apart.
            #expect(codec.decoded == 150)
            try await bank.expectAccounts()
            try await bank.expectTurnover()
        }
    }

    @Test("Events of older shapes and names arrive as the newest one")
    func upcast() async throws {
        try await Bank.open { bank in
            var registry = EventRegistry()
            registry.upcast(from: OldDeposit.self, to: MiddleDeposit.self) { MiddleDeposit(pounds: $0.pence / 100) }
            registry.upcast(from: MiddleDeposit.self, to: Bank.Deposited.self) { Bank.Deposited(amount: $0.pounds) }
            let stream = StreamName("account-1")
            try await bank.log.append(try registry.encode(OldDeposit(pence: 500)), to: stream)
            try await bank.log.append(try registry.encode(MiddleDeposit(pounds: 7)), to: stream)
            try await bank.log.append(try registry.encode(Bank.Deposited(amount: 9)), to: stream)
            try await bank.engine(Account.projection(), Journal.projection(), registry: registry).runUntilCaughtUp()
            let account = try await Views(pool: bank.views).row(Account.self, "1")
            #expect(account?.balance == 21)
            #expect(account?.entries == 3)
            #expect(try await bank.value("select array_agg(amount order by position) from journal") == [5, 7, 9])
            #expect(try await bank.offset(of: "account")?.applied == 3)
        }
    }

    @Test("An upcaster that throws stops the projection at the event")
    func upcasterThrows() async throws {
        try await Bank.open { bank in
            var registry = EventRegistry()
            registry.upcast(from: OldDeposit.self, to: Bank.Deposited.self) { old in
                if old.pence == 0 { throw Bank.Refusal() }
                return Bank.Deposited(amount: old.pence)
            }
            for pence in [2, 1, 0, 3] {
                try await bank.log.append(try registry.encode(OldDeposit(pence: pence)), to: "account-1")
            }
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection(), registry: registry).runUntilCaughtUp()
            }
            #expect(try await Views(pool: bank.views).row(Account.self, "1")?.balance == 3)
            #expect(try await bank.offset(of: "account")?.applied == 2)
        }
    }
}
