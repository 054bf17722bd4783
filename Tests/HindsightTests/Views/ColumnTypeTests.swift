import Hindsight
import Testing

@Suite("Types of columns", .serialized, .timeLimit(.minutes(3)))
struct ColumnTypeTests {
    @Test("Enums, wrappers, arrays and nested values are stored, read back and found; a rebuild makes the same rows")
    func valuesOfManyTypes() async throws {
        try await Bank.open { bank in
            for amount in [1, 2, 200] { try await bank.append(Bank.Deposited(amount: amount), to: "a") }
            try await bank.append(Bank.Deposited(amount: 1), to: "b")
            try await bank.engine(Parcel.projection).runUntilCaughtUp()
            let views = Views(pool: bank.views)
            let live = try await views.fetch(Parcel.query.order(by: \.id))
            try #require(live.map(\.id) == ["a", "b"])
            #expect(live[0].tags == ["größe \"1\"", "größe \"2\"", "größe \"200\""])
            #expect(live[0].history == [.sent, .sent, .sent] && live[0].formerStatus == .sent)
            #expect(live[0].numbers == [200, -1] && live[1].numbers == nil)
            #expect(live[0].payload == [1, 2, 200] && live[0].weight.rawValue == 203)
            #expect(live[0].address.street == "200 Main St" && live[0].formerAddress?.floor == 2)

            // The next event is folded into rows that were read from the database.
            try await bank.append(Bank.Deposited(amount: 3), to: "a")
            try await bank.engine(Parcel.projection).runUntilCaughtUp()
            let later = try await views.fetch(Parcel.query.order(by: \.id))
            #expect(later[0].formerAddress == live[0].address)
            try await bank.rebuild(Parcel.projection)
            #expect(try await views.fetch(Parcel.query.order(by: \.id)) == later)

            func found(_ condition: ViewCondition<Parcel>) async throws -> [String] {
                try await views.fetch(Parcel.query.where(condition).order(by: \.id)).map(\.id)
            }
            #expect(try await found(\.status == .sent) == ["a", "b"])
            #expect(try await found(\.formerStatus == .packed) == ["b"])
            #expect(try await found(.isOne(\.formerStatus, of: [.sent, nil])) == ["a"])
            #expect(try await found(\.tags == ["größe \"1\""]) == ["b"])
            #expect(try await found(\.numbers == nil) == ["b"])
            #expect(try await found(\.history != [.sent]) == ["a"])
            #expect(try await found(\.address == later[0].address) == ["a"])
            #expect(try await found(\.payload == [1]) == ["b"])
            #expect(try await found(\.weight == Parcel.Weight(rawValue: 206)) == ["a"])
            #expect(try await found(.isIn(\.price, 0...1) && !(\.price > 20)) == ["b"])
        }
    }

    @Test("The columns have the types that are declared, and a scale is kept")
    func databaseTypes() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 15), to: "a")
            try await bank.engine(Parcel.projection).runUntilCaughtUp()
            let types: String = try await bank.value(
                """
                select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
                from pg_attribute a where a.attrelid = 'parcel'::regclass and a.attnum > 0
                """)
            #expect(
                types == """
                    parcel_id text, status text, former_status text, weight bigint, price numeric(8,2), \
                    rebate numeric(8,2), tags jsonb, numbers jsonb, history jsonb, address jsonb, former_address jsonb, \
                    payload bytea
                    """)
            #expect(try await bank.value("select price::text || ' ' || rebate::text from parcel") == "1.50 1.00")
        }
    }

    @Test("A number that a column would round, or cannot hold, stops the projection at its event", arguments: [1, 5])
    func scale(digits: Int) async throws {
        struct Price: ViewRow {
            var id = ""
            var amount: ExactDecimal = 0
            static let table = ViewTable(
                "price", of: Self(), key: Column(\.id), Column(\.amount, precision: 4, scale: 2))
        }
        try await Bank.open { bank in
            let projection = ViewProjection(Price.self, version: 1)
                .on(Bank.Deposited.self) { price, event, _ in
                    price.amount = ExactDecimal(coefficient: Int128(event.amount), scale: digits == 1 ? 3 : 0)
                }
            try await bank.append(Bank.Deposited(amount: digits == 1 ? 1_230 : 99), to: "a")
            let refused = try await bank.append(Bank.Deposited(amount: digits == 1 ? 1_235 : 100), to: "a")
            try await bank.append(Bank.Deposited(amount: 0), to: "b")
            await #expect(throws: ProjectionError.self) { try await bank.engine(projection).runUntilCaughtUp() }
            let offset = try #require(try await bank.offset(of: "price"))
            #expect(offset.stoppedAt == refused.position && offset.applied == 1)
            #expect(offset.error?.contains("numeric(4,2)") == true)
            #expect(try await bank.value("select amount::text from price") == (digits == 1 ? "1.23" : "99.00"))
        }
    }

    @Test("A case that was removed is named, not taken for another")
    func removedCase() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "a")
            try await bank.engine(Parcel.projection).runUntilCaughtUp()
            try await bank.script("update parcel set status = 'lost'")
            let error = await #expect(throws: PostgresError.self) {
                try await Views(pool: bank.views).fetch(Parcel.query)
            }
            #expect(error?.description.contains("a stored value is no Status") == true)
            #expect(error?.description.contains("lost") == false, "what a log shows holds no data")
            #expect(error?.debugDescription.contains("lost") == true)
        }
    }
}
