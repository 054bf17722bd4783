import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("Parking keys whose rows the database refuses", .timeLimit(.minutes(5)))
struct ParkedRefusalTests {
    /// Who sits where; a seat takes one guest.
    private struct Guest: ViewRow {
        var name = ""
        var seat = 0
        static let table = ViewTable("guest", of: Self(), key: \.name, \.seat).index(\.seat, unique: true)
        static func projection(atMost maximum: Int = 1_000) -> ViewProjection<Guest> {
            ViewProjection(Self.self, version: 1)
                .on(Bank.Deposited.self) { row, event, _ in row.seat = event.amount }
                .delete(on: Bank.Closed.self)
                .parking(atMost: maximum)
        }
    }

    private func seats(_ bank: Bank) async throws -> [String: Int] {
        let guests = try await Views(pool: bank.views).fetch(Guest.query)
        return Dictionary(uniqueKeysWithValues: guests.map { ($0.name, $0.seat) })
    }

    @Test("The keys that are refused are parked from their first event in the batch, and all others are written")
    func parked() async throws {
        try await Bank.open { bank in
            for number in 1...40 { try await bank.append(Bank.Deposited(amount: number), to: "\(number)") }
            let late = try await bank.append(Bank.Deposited(amount: 7), to: "late").position
            let later = try await bank.append(Bank.Deposited(amount: 9), to: "later").position
            try await bank.append(Bank.Deposited(amount: 41), to: "late")
            try await bank.append(Bank.Deposited(amount: 9), to: "late")
            try await bank.engine(Guest.projection(), Account.projection()).runUntilCaughtUp()
            let seats = try await seats(bank)
            #expect(seats.count == 40 && seats["late"] == nil && seats["later"] == nil)
            let parked = try await bank.administration(Guest.projection()).parked("guest")
            #expect(parked.map(\.key) == [["late"], ["later"]])
            #expect(parked.map(\.position) == [late, later])
            #expect(parked.map(\.events) == [3, 1])
            #expect(parked.allSatisfy { $0.error.contains("unique") })
            try await bank.expectAccounts()
            try await bank.expectProven("guest", ["Deposited", "Closed"])
            // The rows in memory are those that are stored.
            try await bank.append(Bank.Deposited(amount: 50), to: "late")
            try await bank.append(Bank.Deposited(amount: 51), to: "8")
            try await bank.append(Bank.Closed(), to: "7")
            try await bank.append(Bank.Closed(), to: "9")
            try await bank.engine(Guest.projection()).runUntilCaughtUp()
            #expect(try await self.seats(bank)["8"] == 51)
            #expect(try await bank.rebuilder(Guest.projection()).retry("guest").healed == 2)
            #expect(try await self.seats(bank)["late"] == 50)
            #expect(try await self.seats(bank)["later"] == 9)
        }
    }

    @Test("Rows that are refused only because of one another are written in the end")
    func exchanged() async throws {
        try await Bank.open { bank in
            for number in 1...8 { try await bank.append(Bank.Deposited(amount: number), to: "\(number)") }
            var configuration = Bank.impatient
            configuration.liveBatch = 20
            try await bank.engine(Guest.projection(), configuration: configuration).runUntilCaughtUp()
            // Each moves one seat on, and the last one leaves the row.
            for number in (1...8).reversed() {
                try await bank.append(Bank.Deposited(amount: number + 1), to: "\(number)")
            }
            try await bank.engine(Guest.projection(), configuration: configuration).runUntilCaughtUp()
            #expect(try await seats(bank) == Dictionary(uniqueKeysWithValues: (1...8).map { ("\($0)", $0 + 1) }))
            #expect(try await bank.administration(Guest.projection()).parked("guest").isEmpty)
        }
    }

    @Test("A number that a column does not take parks its key, also where many are refused")
    func numbers() async throws {
        struct Sum: ViewRow {
            var id = ""
            var total: ExactDecimal = 0
            static let table = ViewTable("sum", of: Self(), key: \.id, \.total)
        }
        try await Bank.open { bank in
            for amount in 1...200 { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount)") }
            let projection = ViewProjection(Sum.self, version: 1)
                .on(Bank.Deposited.self) { row, event, _ in row.total = event.amount.isMultiple(of: 7) ? .notANumber : 1
                }
                .parking()
            try await bank.engine(projection, Turnover.projection()).runUntilCaughtUp()
            #expect(try await Views(pool: bank.views).count(Sum.query) == 172)
            let parked = try await bank.administration(projection).parked("sum")
            #expect(parked.map(\.key) == stride(from: 7, through: 200, by: 7).map { ["\($0)"] })
            try await bank.expectTurnover()
        }
    }

    @Test("A row that is refused for another reason stops the projection at its event, also where others are parked")
    func otherRefusal() async throws {
        try await Bank.open { bank in
            try await bank.engine(Guest.projection()).runUntilCaughtUp()
            let table = try #require(try await bank.shownTable("guest"))
            try await bank.script(
                """
                create function refuse() returns trigger language plpgsql as $$
                begin
                    if new.name = '9' then raise exception 'the ninth is not let in'; end if;
                    return new;
                end $$;
                create trigger refuse before insert or update on hindsight.\(table) for each row execute function refuse()
                """)
            for number in 1...8 { try await bank.append(Bank.Deposited(amount: number), to: "\(number)") }
            try await bank.append(Bank.Deposited(amount: 3), to: "late")
            let ninth = try await bank.append(Bank.Deposited(amount: 9), to: "9").position
            try await bank.append(Bank.Deposited(amount: 10), to: "10")
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.engine(Guest.projection(), Account.projection()).runUntilCaughtUp()
            }
            #expect(error.description.contains("the ninth is not let in"))
            #expect(try await bank.offset(of: "guest")?.stoppedAt == ninth)
            #expect(try await bank.administration(Guest.projection()).parked("guest").map(\.key) == [["late"]])
            try await bank.expectAccounts()
        }
    }

    @Test("More of them than are allowed stop the projection at an event, with everything before it applied")
    func fuse() async throws {
        try await Bank.open { bank in
            for number in 1...20 { try await bank.append(Bank.Deposited(amount: number), to: "\(number)") }
            for number in 21...24 { try await bank.append(Bank.Deposited(amount: 1), to: "\(number)") }
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.engine(Guest.projection(atMost: 2)).runUntilCaughtUp()
            }
            #expect(error.description.contains("2 keys are parked already"))
            #expect(try await bank.offset(of: "guest")?.stoppedAt == 23)
            #expect(try await bank.offset(of: "guest")?.applied == 22)
            #expect(try await seats(bank).count == 20)
        }
    }
}
