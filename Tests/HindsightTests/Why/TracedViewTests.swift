import Hindsight
import HindsightPostgres
import Testing

/// Why a row looks so, by the events that were noted for it.
@Suite("A traced view", .timeLimit(.minutes(3)))
struct TracedViewTests {
    private struct RangeWasRead: Error {}

    /// Explains without reading a range of the log.
    private func administration(
        _ bank: Bank, _ projections: any Projection..., readingRanges: Bool = false
    ) -> ProjectionAdministration {
        ProjectionAdministration(
            ProjectionContext(
                log: MeddledLog(bank.log, beforeRange: { _ in if !readingRanges { throw RangeWasRead() } }),
                pool: bank.views, projections: projections, events: Bank.registry, logger: LogFixture.logger))
    }

    /// Two rows for one account, which each event names, one of them twice.
    private static let twice = ViewProjection(Account.self, version: 1)
        .onEach(Bank.Deposited.self, keys: { [$1.stream.id, "all", $1.stream.id] }) { row, event, context in
            row.entries += 1
            row.balance += event.amount
            row.lastPosition = context.position
        }

    @Test("Each row is as a scan finds it, and no range of the log is read: keys of two columns, several rows an event")
    func noted() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(9_000)
            try await bank.engine(
                Turnover.projection().traced(), Peer.projection().traced(), Self.twice.traced()
            ).runUntilCaughtUp()
            let plain = bank.administration(Turnover.projection(), Peer.projection(), Self.twice)
            let noted = administration(
                bank, Turnover.projection().traced(), Peer.projection().traced(), Self.twice.traced())
            for kind in ["Deposited", "Withdrawn"] {
                for digit in 0..<10 {
                    let why = try await noted.explain("turnover", key: [kind, "\(digit)"])
                    #expect(why == (try await plain.explain("turnover", key: [kind, "\(digit)"])))
                    #expect(why.comparison == .same && why.stepCount > 1)
                }
            }
            for id in ["0", "7", "31", "nobody"] {
                #expect(
                    try await noted.explain("peer", key: [id]) == (try await plain.explain("peer", key: [id])))
            }
            let all = try await noted.explain("account", key: ["all"], limit: 10_000)
            #expect(all == (try await plain.explain("account", key: ["all"], limit: 10_000)))
            #expect(all.comparison == .same)
            let earlier = try await noted.explain("account", key: ["7"], at: 8_500)
            #expect(earlier == (try await plain.explain("account", key: ["7"], at: 8_500)))
            #expect(earlier.stepCount > 1)
            // A row of another view's key, and each position once.
            let table = try #require(try await bank.shownTable("account_trace"))
            let counts = try await bank.views.withSession { session in
                try session.query(
                    """
                    select count(*), sum(length(offsets)) / 2, max(stretch) from \(identifier: PostgresIdentifier(schema: "hindsight", table))
                    where key = '["all"]'
                    """
                ).map { try ($0.decode(0, as: Int64.self), $0.decode(1, as: Int64.self), $0.decode(2, as: Int64.self)) }
            }[0]
            #expect(counts == (2, Int64(all.stepCount), 1))
        }
    }

    @Test("What is not noted yet is read from the log, also if nothing is")
    func behind() async throws {
        try await Bank.open { bank in
            let projection = Account.projection()
            try await bank.appendRandom(300)
            try await bank.engine(projection).runUntilCaughtUp()
            let traced = administration(bank, projection.traced(), readingRanges: true)
            let plain = bank.administration(projection)
            #expect(try await traced.explain("account", key: ["7"]) == (try await plain.explain("account", key: ["7"])))

            try await bank.engine(projection.traced()).runUntilCaughtUp()
            let noted = administration(bank, projection.traced())
            #expect(try await noted.explain("account", key: ["7"]) == (try await plain.explain("account", key: ["7"])))

            try await bank.appendRandom(300, seed: 2)
            try await bank.engine(projection).runUntilCaughtUp()
            let why = try await traced.explain("account", key: ["7"])
            #expect(why == (try await plain.explain("account", key: ["7"])))
            #expect(why.comparison == .same && why.position == 600)
            await #expect(throws: RangeWasRead.self) { try await noted.explain("account", key: ["7"]) }
            // Up to where it was noted.
            #expect(
                try await noted.explain("account", key: ["7"], at: 300)
                    == (try await plain.explain("account", key: ["7"], at: 300)))
        }
    }

    @Test("It stops where its view stops for a key; where such a key is parked, the log is read")
    func failing() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), Bank.Deposited(amount: 2), to: "7")
            try await bank.log.append([NewEvent(type: "Deposited", data: Array("{}".utf8))], to: "account-7")
            try await bank.append(Bank.Deposited(amount: 4), to: "7")
            let stopping = Account.projection()
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(stopping.traced()).runUntilCaughtUp()
            }
            let statuses = try await bank.administration(stopping.traced()).list()
            #expect(Set(statuses.map(\.name)) == ["account", "account_trace"])
            #expect(statuses.allSatisfy { $0.error != nil && $0.offset == 2 }, "\(statuses)")
            let why = try await administration(bank, stopping.traced()).explain("account", key: ["7"])
            #expect(why.comparison == .same && why.stepCount == 2 && why.position == 2)

            let parking = Account.projection().parking(unreadable: { $0.stream.id })
            try await bank.administration(parking.traced()).resume("account")
            try await bank.administration(parking.traced()).resume("account_trace")
            try await bank.engine(parking.traced()).runUntilCaughtUp()
            let parked = administration(bank, parking.traced(), readingRanges: true)
            let plain = bank.administration(parking)
            #expect(try await parked.explain("account", key: ["7"]) == (try await plain.explain("account", key: ["7"])))
            await #expect(throws: RangeWasRead.self) {
                try await administration(bank, parking.traced()).explain("account", key: ["7"])
            }
        }
    }

    @Test("A rebuild notes what the engine has noted, and the proof counts each event once")
    func rebuilt() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(2_500)
            let traced = Peer.projection().traced()
            try await bank.engine(traced).runUntilCaughtUp()
            let noted = try await rows(bank)
            #expect(noted.count > 3)
            let reports = try await bank.rebuilder(traced).rebuild(["peer", "peer_trace"])
            #expect(reports.map(\.name) == ["peer", "peer_trace"])
            #expect(try await rows(bank) == noted)
            let proofs = try await bank.administration(traced).verify([])
            #expect(proofs.count == 2 && proofs[0].eventsApplied == proofs[1].eventsApplied, "\(proofs)")
        }
    }

    private func rows(_ bank: Bank) async throws -> [String] {
        let table = PostgresIdentifier(schema: "hindsight", try #require(try await bank.shownTable("peer_trace")))
        return try await bank.views.withSession { session in
            try session.query(
                """
                select key || ' ' || stretch || ' ' || offsets::text from \(identifier: table)
                order by key collate "C", stretch
                """
            ).map { try $0.decode(0) }
        }
    }

    /// What was moved at each price, as a wrapper of a number that can be written in several ways.
    private struct PriceLevel: ViewRow {
        struct Price: RawRepresentable, Hashable, ViewValue {
            var rawValue: ExactDecimal
        }

        var price = Price(rawValue: 0)
        var events = 0

        static let table = ViewTable("price_level", of: Self(), key: \.price, \.events)
        static let projection = ViewProjection(Self.self, version: 1)
            .on(
                Bank.Deposited.self,
                key: { event, context in
                    Price(
                        rawValue: ExactDecimal(
                            coefficient: context.position % 2 == 0 ? 15 : 150, scale: context.position % 2 == 0 ? 1 : 2)
                    )
                }
            ) { level, _, _ in level.events += 1 }
    }

    @Test("Keys that the database takes for equal are one, also in a wrapper")
    func equalKeys() async throws {
        try await Bank.open { bank in
            for amount in 1...6 { try await bank.append(Bank.Deposited(amount: amount), to: "7") }
            try await bank.engine(PriceLevel.projection.traced()).runUntilCaughtUp()
            for text in ["1.5", "1.50"] {
                let why = try await administration(bank, PriceLevel.projection.traced()).explain(
                    "price_level", key: [text])
                #expect(why.comparison == .same && why.stepCount == 6, "\(why)")
            }
        }
    }

    @Test("Notes that cannot be used do not stand in the way: of a log that was put back, or of a table that is gone")
    func unusable() async throws {
        try await Bank.open { bank in
            let traced = Account.projection().traced()
            for amount in 1...9 { try await bank.append(Bank.Deposited(amount: amount), to: "7") }
            try await bank.engine(traced).runUntilCaughtUp()
            let table = try #require(try await bank.shownTable("account_trace"))
            let plain = try await bank.administration(Account.projection()).explain("account", key: ["7"])
            try await bank.script(
                "update hindsight.offsets set anchor = gen_random_uuid() where name = 'account_trace' and position > 0")
            let administration = administration(bank, traced, readingRanges: true)
            #expect(try await administration.explain("account", key: ["7"]) == plain)
            try await bank.script("drop table hindsight.\(table) cascade")
            #expect(try await administration.explain("account", key: ["7"]) == plain)
        }
    }

    @Test("The tables of notes are known by their shape where no program declares them")
    func shape() {
        #expect(Account.projection().traced().definition.notes?.shape == NotedStretch.shape)
    }

    @Test("An event that was noted and is gone is an error that names the notes")
    func missing() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            for amount in 1...5 { try await bank.append(Bank.Deposited(amount: amount), to: "7") }
            try await bank.appendRandom(5, seed: 3)
            let traced = Account.projection().traced()
            try await bank.engine(traced).runUntilCaughtUp()
            try await bank.script("delete from hindsight.events where position = 52")
            await #expect {
                try await administration(bank, traced).explain("account", key: ["7"])
            } throws: { error in
                (error as? ProjectionError)?.code == .cannotExplain && "\(error)".contains("account_trace")
            }
        }
    }
}
