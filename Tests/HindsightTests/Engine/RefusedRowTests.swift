import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("Rows that the database refuses", .serialized, .timeLimit(.minutes(3)))
struct RefusedRowTests {
    /// Who sits where; a seat takes one guest.
    private struct Guest: ViewRow {
        var name = ""
        var seat = 0
        static let table = ViewTable("guest", of: Self(), key: \.name, \.seat).index(\.seat, unique: true)
        static let projection = ViewProjection(Self.self, version: 1)
            .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, event, context in
                row = Guest(name: context.stream.id, seat: event.amount)
            }
    }

    @Test("The event behind a unique violation is found, and what came before it is committed")
    func uniqueViolation() async throws {
        try await Bank.open { bank in
            for number in 1...20 { try await bank.append(Bank.Deposited(amount: number), to: "\(number)") }
            let taken = try await bank.append(Bank.Deposited(amount: 7), to: "21")
            for number in 22...40 { try await bank.append(Bank.Deposited(amount: number), to: "\(number)") }
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(Guest.projection, Account.projection()).runUntilCaughtUp()
            }
            let offset = try #require(try await bank.offset(of: "guest"))
            #expect(offset.stoppedAt == taken.position)
            #expect(offset.applied == 20)
            #expect(try await Views(pool: bank.views).count(Guest.query) == 20)
            try await bank.expectAccounts()
        }
    }

    @Test("A batch that is refused only as a whole is applied in parts, and what follows is decoded right")
    func refusedOnlyAsAWhole() async throws {
        try await Bank.open { bank in
            var configuration = Bank.impatient
            configuration.liveBatch = 3
            try await bank.append(Bank.Deposited(amount: 1), to: "a")
            try await bank.append(Bank.Deposited(amount: 5), to: "b")
            try await bank.append(Bank.Deposited(amount: 9), to: "c")
            // b leaves its seat, a leaves its own, and b takes that of a: as one statement, b is there before a has left.
            try await bank.append(Bank.Deposited(amount: 6), to: "b")
            try await bank.append(Bank.Deposited(amount: 2), to: "a")
            try await bank.append(Bank.Deposited(amount: 1), to: "b")
            for number in 10...20 { try await bank.append(Bank.Deposited(amount: number), to: "\(number)") }
            try await bank.engine(Guest.projection, configuration: configuration).runUntilCaughtUp()
            let guests = try await Views(pool: bank.views).fetch(Guest.query.order(by: \.seat))
            #expect(guests.map(\.name) == ["b", "a", "c"] + (10...20).map { "\($0)" })
            #expect(guests.map(\.seat) == [1, 2, 9] + Array(10...20))
            #expect(try await bank.offset(of: "guest")?.applied == 17)
        }
    }

    @Test("A number that is none is refused before it is sent, and its event is found")
    func notANumber() async throws {
        struct Sum: ViewRow {
            var id = ""
            var total: ExactDecimal = 0
            static let table = ViewTable("sum", of: Self(), key: \.id, \.total)
        }
        try await Bank.open { bank in
            for amount in 1...9 { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount)") }
            let projection = ViewProjection(Sum.self, version: 1)
                .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, event, context in
                    row = Sum(id: context.stream.id, total: event.amount == 6 ? .notANumber : 1)
                }
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(projection, Turnover.projection()).runUntilCaughtUp()
            }
            #expect(try await bank.offset(of: "sum")?.stoppedAt == 6)
            #expect(try await bank.offset(of: "sum")?.applied == 5)
            #expect(try await Views(pool: bank.views).count(Sum.query) == 5)
            try await bank.expectTurnover()
        }
    }

    @Test("Statements of one's own that fail in the middle stop the projection at the event", arguments: [false, true])
    func handlerFails(inTheDatabase: Bool) async throws {
        try await Bank.open { bank in
            for amount in 1...20 { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount)") }
            let failing = Journal.projection { session, event, context in
                guard event.amount == 13 else { return }
                guard inTheDatabase else { throw Bank.Refusal() }
                try session.execute("insert into journal values (\(context.position), 'again', 0)")
            }
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(failing, Account.projection()).runUntilCaughtUp()
            }
            let offset = try #require(try await bank.offset(of: "journal"))
            #expect(offset.stoppedAt == 13)
            #expect(offset.applied == 12)
            try await bank.expect("journal", equals: Journal.recount(through: 12))
            try await bank.expectAccounts()

            try await bank.engine(Journal.projection(), Account.projection(), configuration: Bank.mended)
                .runUntilCaughtUp()
            try await bank.expect("journal", equals: Journal.recount())
        }
    }

    @Test("A deadlock is nobody's fault: the batch is applied again")
    func deadlock() async throws {
        try await Bank.open { bank in
            let attempts = Recorder<Int64>()
            let projection = Journal.projection { session, event, context in
                guard event.amount == 3 else { return }
                attempts.note(context.position)
                if attempts.count == 1 {
                    try session.script("do $$ begin raise exception 'as if' using errcode = '40P01'; end $$")
                }
            }
            for amount in 1...5 { try await bank.append(Bank.Deposited(amount: amount), to: "1") }
            try await bank.engine(projection).runUntilCaughtUp()
            #expect(attempts.all == [3, 3])
            try await bank.expect("journal", equals: Journal.recount())
        }
    }
}
