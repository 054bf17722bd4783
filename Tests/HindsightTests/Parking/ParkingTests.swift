import Hindsight
import HindsightPostgres
import Testing

@Suite("Parking keys", .timeLimit(.minutes(5)))
struct ParkingTests {
    @Test("An event that cannot be folded parks its key: the row stays as it was before it, and the others go on")
    func parks() async throws {
        try await Bank.open { bank in
            let parked = try await bank.appendPoisoned(["3", "17"])
            try await bank.engine(Bank.parkingAccounts(), configuration: Bank.small).runUntilCaughtUp()
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
            // Every event counts as seen, and what rows lack is said beside it.
            try await bank.expectProven("account", ["Deposited", "Withdrawn", "Closed"])
            let administration = bank.administration(Bank.parkingAccounts())
            let proof = try #require(try await administration.verify(["account"]).first)
            #expect(proof.verdict == .proven)
            #expect(proof.parked.keys == 2)
            let status = try #require(try await administration.list().first)
            #expect(status.parked == proof.parked)
            let key = try #require(try await administration.parked("account").first)
            #expect(key.event?.type == "Deposited" && key.event?.stream == "account-3")
            #expect(key.error == "the vault is jammed")
        }
    }

    @Test("Without the policy the projection stops at the event, and nothing is parked")
    func stops() async throws {
        try await Bank.open { bank in
            let poisoned = try await bank.appendPoisoned(["3"])
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(Bank.failingAccounts()).runUntilCaughtUp()
            }
            #expect(try await bank.offset(of: "account")?.stoppedAt == poisoned["3"])
            try await bank.expectParked([:])
        }
    }

    @Test("Keys stay parked for the next process, also if its projection would stop at such an event")
    func nextProcess() async throws {
        try await Bank.open { bank in
            var parked = try await bank.appendPoisoned(["3", "17"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.appendRandom(200, seed: 7)
            try await bank.engine(Bank.failingAccounts()).runUntilCaughtUp()
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
            parked.merge(try await bank.appendPoisoned(["4", "3"], seed: 9)) { old, _ in old }
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
        }
    }

    @Test("While the engine runs, keys are parked batch by batch, also where connections are cut in between")
    func cutConnections() async throws {
        try await Bank.open { bank in
            try await bank.asProcess("parker") { process in
                try await bank.running(process.engine(Bank.parkingAccounts(), configuration: Bank.small)) { _ in
                    var parked: [String: Int64] = [:]
                    // An engine that cannot start says so; it is started once.
                    try await bank.untilApplied("account")
                    for round in 0..<6 {
                        parked.merge(try await bank.appendPoisoned(["\(round)"], among: 100, seed: UInt64(round))) {
                            old, _ in old
                        }
                        try await bank.terminate("parker")
                    }
                    try await bank.untilApplied("account")
                    try await bank.expectAccounts(parked: parked)
                    try await bank.expectParked(parked)
                }
            }
        }
    }

    @Test("A neighbour in the batch that stops has everything folded once, and so have the keys that are not parked")
    func neighbour() async throws {
        try await Bank.open { bank in
            let parked = try await bank.appendPoisoned(["3"])
            let failing = Turnover.projection()
                .onOptional(Bank.Closed.self, key: { _, _ in throw Bank.Refusal() }) { _, _, _ in }
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(Bank.parkingAccounts(), failing).runUntilCaughtUp()
            }
            try await bank.untilApplied("account")
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
        }
    }

    /// Each deposit counts for its account and for its amount.
    private struct Share: ViewRow {
        var id = ""
        var events = 0
        static let table = ViewTable("share", of: Self(), key: \.id, \.events)
        static let projection = ViewProjection(Self.self, version: 1)
            .onEach(Bank.Deposited.self, keys: { [$1.stream.id, "of \($0.amount)", $1.stream.id] }) { row, event, _ in
                row.events += 1
                if event.amount == 5, row.id == "1" { throw Bank.Refusal() }
            }
            .parking()
    }

    @Test("The other rows of the same event are folded, and an event that concerns a key twice waits once")
    func severalRows() async throws {
        try await Bank.open { bank in
            for amount in 4...6 { try await bank.append(Bank.Deposited(amount: amount), to: "1") }
            try await bank.append(Bank.Deposited(amount: 5), to: "2")
            try await bank.engine(Share.projection).runUntilCaughtUp()
            let rows = try await Views(pool: bank.views).fetch(Share.query.order(by: \.id))
            #expect(rows.map(\.id) == ["1", "2", "of 4", "of 5", "of 6"])
            #expect(rows.map(\.events) == [2, 2, 1, 2, 1])
            let parked = try #require(try await bank.administration(Share.projection).parked("share").first)
            #expect(parked.events == 2 && parked.position == 2 && parked.lastPosition == 3)
        }
    }

    /// Each deposit counts twice.
    private struct Twice: ViewRow {
        var id = ""
        var steps = 0
        static let table = ViewTable("twice", of: Self(), key: \.id, \.steps)
        static func projection(isMended: Bool) -> ViewProjection<Twice> {
            ViewProjection(Self.self, version: 1)
                .onEach(Bank.Deposited.self, keys: { [$1.stream.id, "all", $1.stream.id] }) { row, event, _ in
                    row.steps += 1
                    if !isMended, event.amount == 5, row.id == "1", row.steps.isMultiple(of: 2) { throw Bank.Refusal() }
                }
                .parking()
        }
    }

    @Test("An event that fails after it has changed the same row before leaves the row as it was before the event")
    func secondStep() async throws {
        try await Bank.open { bank in
            for amount in 4...6 { try await bank.append(Bank.Deposited(amount: amount), to: "1") }
            try await bank.engine(Twice.projection(isMended: false)).runUntilCaughtUp()
            let steps = { () async throws -> [Int] in
                try await Views(pool: bank.views).fetch(Twice.query.order(by: \.id)).map(\.steps)
            }
            #expect(try await steps() == [2, 3])
            try await bank.rebuilder(Twice.projection(isMended: true)).retry("twice")
            #expect(try await steps() == [6, 3])
        }
    }

    @Test("More keys than are allowed stop the projection at the event, and what came before it is applied")
    func fuse() async throws {
        try await Bank.open { bank in
            let poisoned = try await bank.appendPoisoned(["1", "2", "3", "4"])
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.engine(Bank.parkingAccounts(atMost: 3)).runUntilCaughtUp()
            }
            #expect(error.description.contains("3 keys are parked already"))
            #expect(error.description.contains("the vault is jammed"))
            let stop = try #require(poisoned["4"])
            #expect(try await bank.offset(of: "account")?.stoppedAt == stop)
            try await bank.expectAccounts(through: stop - 1, parked: ["1", "2", "3"])
            try await bank.expectParked(poisoned.filter { $0.key != "4" })
            // Mended, it goes on with what is parked.
            #expect(try await bank.administration(Account.projection()).resume("account").wasStopped)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.expectAccounts(parked: poisoned.filter { $0.key != "4" })
        }
    }

    @Test(
        "An event that cannot be decoded, or whose key cannot be found, parks the key that is said for it, or stops",
        arguments: [true, false])
    func unreadable(isSaid: Bool) async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.append(Bank.Deposited(amount: 1), to: "2")
            let event = NewEvent(type: "Deposited", data: Array(#"{"amount":"much"}"#.utf8))
            let position = try await bank.log.append([event], to: "account-1", expected: .any).position
            try await bank.append(Bank.Deposited(amount: 7), to: "2")
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let unfound = try await bank.append(Bank.Deposited(amount: 13), to: "3").position
            try await bank.append(Bank.Deposited(amount: 5), to: "3")
            let projection = ViewProjection(Account.self, version: 1)
                .onOptional(
                    Bank.Deposited.self, key: { if $0.amount == 13 { throw Bank.Refusal() } else { $1.stream.id } }
                ) {
                    row, event, context in Account.add(event.amount, to: &row, context)
                }
            guard isSaid else {
                await #expect(throws: ProjectionError.self) {
                    try await bank.engine(projection.parking()).runUntilCaughtUp()
                }
                #expect(try await bank.offset(of: "account")?.stoppedAt == position)
                return
            }
            let parking = projection.parking(unreadable: { $0.stream.id })
            try await bank.engine(parking).runUntilCaughtUp()
            let rows = try await Views(pool: bank.views).fetch(Account.query.order(by: \.id))
            #expect(rows.map(\.id) == ["1", "2"])
            #expect(rows.map(\.balance) == [1, 8])
            let parked = try await bank.administration(parking).parked("account")
            #expect(parked.map(\.key) == [["1"], ["3"]])
            #expect(parked.map(\.position) == [position, unfound])
            #expect(parked.map(\.events) == [2, 2])
        }
    }

    @Test("A program of the previous release commits nothing while a key is parked")
    func previousRelease() async throws {
        try await Bank.open { bank in
            try await bank.appendPoisoned(["3"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            let advance = """
                select hindsight.advance_shard(row(kind, name, version, partition, log)::hindsight.shard, epoch, position, position + 1,
                    gen_random_uuid(), 1, 1, 1, 1, interval '1 s') from hindsight.offsets where name = 'account'
                """
            let before = """
                select hindsight.advance(kind, name, version, partition, log, epoch, position, position + 1, gen_random_uuid(), 1, 1,
                    interval '1 s') from hindsight.offsets where name = 'account'
                """
            for statement in [advance, before] {
                let error = try await #require(throws: PostgresError.self) { try await bank.script(statement) }
                #expect(error.sqlState == "HS001")
            }
            try await bank.rebuilder(Account.projection()).retry("account")
            try await bank.script(advance)
        }
    }

    @Test("A reset forgets what is parked, and the list is gone")
    func reset() async throws {
        try await Bank.open { bank in
            let parked = try await bank.appendPoisoned(["3"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.administration(Bank.parkingAccounts()).reset("account")
            #expect(try await bank.value("select count(*) from hindsight.parked_keys") == 0)
            #expect(try await bank.value("select count(*) from hindsight.parked_events") == 0)
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.expectAccounts(parked: parked)
        }
    }
}

extension Bank {
    /// The accounts up to a position, where these are parked from their first poison on.
    fileprivate func expectAccounts(through position: Int64, parked: [String]) async throws {
        var bounds: [String: Int64] = [:]
        for account in (0..<40).map({ "\($0)" }) { bounds[account] = position + 1 }
        for account in parked {
            bounds[account] = try await value(
                """
                select min(position) from hindsight.events
                where stream = \("account-" + account) and type = 'Deposited' and (data ->> 'amount')::int = \(Int32(Self.poison))
                """)
        }
        try await expectAccounts(parked: bounds)
    }
}
