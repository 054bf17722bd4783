import Hindsight
import HindsightPostgres
import HindsightProjections
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Moving to a copy of the log", .serialized, .timeLimit(.minutes(5)))
struct MovedLogTests {
    /// Why nothing is moved; nil if something is, or it fails otherwise.
    private static func refusal(_ move: () async throws -> LogMove) async -> String? {
        do {
            _ = try await move()
            return nil
        } catch let error as ProjectionError where error.code == .cannotMove {
            return error.description
        } catch {
            Issue.record(error)
            return nil
        }
    }

    @Test(
        "Projections go on over the copy: nothing is filled anew, parked keys wait for the same events, and all of it is proven"
    )
    func projections() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            let parked = try await bank.appendPoisoned(["3", "17"])
            try await bank.engine(Bank.parkingAccounts(), Turnover.projection()).runUntilCaughtUp()
            let before = try #require(try await bank.offset(of: "account"))
            // Behind what the views have.
            try await bank.appendRandom(50, seed: 5)
            try await copied.mirror()

            let trial = try await copied.move(Bank.parkingAccounts(), Turnover.projection(), isTrial: true)
            #expect(try await bank.offset(of: "account") == before)
            let move = try await copied.move(Bank.parkingAccounts(), Turnover.projection())
            #expect(move == trial)
            #expect(move.shards.map(\.name) == ["account", "turnover"])
            #expect(move.shards.allSatisfy { $0.isProvable && $0.position == $0.before - 1_000 })

            let moved = copied.moved
            let administration = moved.administration(Bank.parkingAccounts(), Turnover.projection())
            let keys = try await administration.parked("account")
            #expect(
                Dictionary(uniqueKeysWithValues: keys.map { ($0.key[0], $0.position) })
                    == parked.mapValues { $0 - 1_000 })
            #expect(keys.allSatisfy { $0.event?.type == "Deposited" && $0.event?.stream.id == $0.key[0] })
            #expect(try await administration.verify().allSatisfy { $0.verdict == .proven })

            await #expect(throws: ProjectionError.self) {
                try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            }
            try await moved.appendRandom(50, seed: 6)
            try await moved.engine(Bank.parkingAccounts(), Turnover.projection()).runUntilCaughtUp()
            #expect(try await moved.rebuilder(Account.projection()).retry("account").healed == 2)
            #expect(try await copied.accountsDiffer() == 0)
            try await bank.expect(
                "turnover", equals: Turnover.recount.replacing("hindsight.events", with: "copy.events"))
            #expect(try await administration.verify(countingAgain: true).allSatisfy { $0.verdict == .proven })
            // Once is enough.
            #expect(try await copied.move(Bank.parkingAccounts()).shards.isEmpty)
        }
    }

    @Test("What was noted for a traced view is noted anew: it named positions of the log that was left")
    func notes() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            let traced = Turnover.projection().traced()
            try await bank.appendRandom(200)
            try await bank.engine(traced).runUntilCaughtUp()
            try await copied.mirror()
            // By a program that does not declare it.
            _ = try await copied.move(Turnover.projection())
            let moved = copied.moved
            #expect(try await moved.offset(of: "turnover_trace")?.position == 0)
            func explanation(_ projection: any Projection) async throws -> RowExplanation {
                try await moved.administration(projection).explain("turnover", key: ["Deposited", "3"])
            }
            let scanned = try await explanation(Turnover.projection())
            #expect(scanned.comparison == .same && scanned.stepCount > 1)
            #expect(try await explanation(traced) == scanned)
            try await moved.engine(traced).runUntilCaughtUp()
            #expect(try await moved.offset(of: "turnover_trace")?.position == scanned.position)
            #expect(try await explanation(traced) == scanned)
        }
    }

    @Test("A subscription handles what it has not handled yet, and its program is told over the old log where it went")
    func subscriptions() async throws {
        try await CopiedBank.open { copied in
            let numbers = SubscriptionFixture(fixture: copied.bank.fixture)
            for number in 1...40 {
                try await numbers.append(number...number, to: StreamName(category: "counter", id: number % 4))
            }
            try await copied.mirror()
            var options = SubscriptionOptions(name: "keyed")
            options.keysInFlight = 3
            let (handled, release) = (Recorder<Int>(), Recorder<Void>())
            struct Enough: Error {}
            let subscription = numbers.subscription(options)
            async let run: Void = subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                if number == 2 {
                    try await Bank.until("the others are handled") { release.count > 0 }
                    throw Enough()
                }
                handled.note(number)
            }
            try await Bank.until("all other keys are handled and noted") {
                let noted: Int = try await copied.bank.value("select count(*) from hindsight.handled_events")
                return handled.count == 30 && noted > 0
            }
            let held = await Self.refusal { try await copied.move() }
            #expect(held?.contains("a process is at work on the subscription \"keyed\"") == true, "\(held ?? "")")
            release.note(())
            do {
                try await run
                Issue.record("it goes on")
            } catch is Enough {}

            let move = try await copied.move()
            #expect(move.shards.map(\.kind) == ["subscription"] && move.shards.map(\.position) == [1])
            let rest = Recorder<Int>()
            let next = numbers.subscription(options, log: copied.copy)
            try await next.run { event in
                rest.note(try SubscriptionFixture.number(event))
                if rest.count == 10 { next.drain() }
            }
            #expect(rest.all.sorted() == (1...40).filter { $0 % 4 == 2 })
            let error = await #expect(throws: SubscriptionError.self) {
                try await numbers.subscription(options).run { _ in Issue.record("it is handled again") }
            }
            #expect(error?.code == .moved && error?.description.contains("read it over that one") == true)
        }
    }

    @Test(
        "While a node is at work over the old log, also on paused projections, or a rebuild is unfinished, nothing is moved"
    )
    func busy() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            try await bank.appendRandom(100)
            try await copied.mirror()
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                let running = await Self.refusal { try await copied.move(Account.projection()) }
                #expect(running?.contains("a process is at work on") == true, "\(running ?? "")")
                try await bank.administration(Account.projection()).pause("account")
                try await Bank.until("it is given back") { try await bank.offset(of: "account")?.owner == nil }
                let paused = await Self.refusal { try await copied.move(Account.projection()) }
                #expect(paused?.contains("a process is at work on") == true, "\(paused ?? "")")
            }
            try await bank.script(
                """
                insert into hindsight.rebuilds (name, version, log, phase)
                select 'account', 1, log, 'reading' from hindsight.offsets where name = 'account'
                """)
            let rebuilt = await Self.refusal { try await copied.move(Account.projection()) }
            #expect(rebuilt?.contains("is being rebuilt") == true, "\(rebuilt ?? "")")
            try await bank.script("delete from hindsight.rebuilds")
            #expect(try await copied.move(Account.projection()).shards.count == 1)
            // The pause went with it.
            let pause = try await copied.moved.administration(Account.projection()).list().first?.pause
            #expect(pause != nil)
        }
    }

    @Test(
        "A copy that lacks events, has others or has them in another order is refused, and so is one that somebody overtakes"
    )
    func refused() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await copied.mirror()
            try await bank.appendRandom(1, seed: 2)
            let before = try await copied.stored()
            // The views have all that is there, and the log has more.
            let behind = await Self.refusal { try await copied.move(Account.projection()) }
            #expect(behind?.contains("run `events mirror` to its end") == true, "\(behind ?? "")")
            try await copied.mirror()

            var other = try await copied.source()
            let last = try #require(try await bank.offset(of: "account")).position
            other.before = { event in
                guard event.origin == last else { return event }
                return CopiedEvent(id: UUID(), type: event.type, position: event.position, origin: event.origin)
            }
            let differing = await Self.refusal { [other] in try await copied.move(Account.projection(), from: other) }
            #expect(differing?.contains("from position \(last) it has the event") == true, "\(differing ?? "")")

            var overtaken = try await copied.source()
            overtaken.before = { event in
                if event.position == 1 { try await bank.engine(Account.projection()).runUntilCaughtUp() }
                return event
            }
            let changed = await Self.refusal { [overtaken] in
                try await copied.move(Account.projection(), from: overtaken)
            }
            #expect(changed?.contains("nothing was moved") == true, "\(changed ?? "")")
            let after = try await copied.stored()
            #expect(after.count == before.count && after.allSatisfy { $0.contains("\(other.identity)".lowercased()) })

            // A projection that has begun over the copy has rows of both.
            try await bank.script(
                """
                insert into hindsight.offsets (kind, name, version, log, position, anchor)
                select 'projection', 'account', 1, (select id from copy.log_identity), 1, (select id from copy.events where position = 1)
                """)
            let begun = await Self.refusal { try await copied.move(Account.projection()) }
            #expect(begun?.contains("has events of both logs") == true, "\(begun ?? "")")
            #expect(try await copied.stored().count == before.count + 1)
        }
    }

    @Test("Receipts of commands go with the log, and name the positions of their events in the copy")
    func receipts() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            try await bank.appendRandom(10)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await copied.mirror()
            try await bank.script(
                #"""
                insert into hindsight.receipts (log, command, name, content, receipt, ended_at)
                select log, gen_random_uuid(), 'place', sha256('x'), r::json, now()
                from hindsight.offsets, unnest(array[
                    '{"at":"now","position":1004,"reason":"\"position\":1004","status":"appended"}', '{"status":"refused"}']) r
                where kind = 'projection' and position > 0
                """#)
            try await bank.script(
                """
                insert into hindsight.receipts (log, command, name, content)
                select log, gen_random_uuid(), 'place', sha256('x') from hindsight.offsets where position > 0
                """)
            #expect(try await copied.move(Account.projection()).receipts == 3)
            let found = try await bank.views.withSession { session in
                try session.query(
                    """
                    select receipt::text from hindsight.receipts
                    where log = (select id from copy.log_identity) order by receipt::text nulls last
                    """
                ).map { try $0.decode(0, as: String?.self) }
            }
            #expect(
                found == [
                    #"{"at":"now","position":4,"reason":"\"position\":1004","status":"appended"}"#,
                    #"{"status":"refused"}"#, nil,
                ])
        }
    }

    @Test("Receipts go alone where nothing else is stored of the log")
    func receiptsAlone() async throws {
        try await CopiedBank.open { copied in
            try await copied.bank.appendRandom(10)
            try await copied.mirror()
            let log = try await copied.bank.log.identity()
            try await copied.bank.views.withSession { session in
                try session.execute(
                    """
                    insert into hindsight.receipts (log, command, name, content, receipt, ended_at)
                    values (\(log), gen_random_uuid(), 'place', sha256('x'), '{"position":1004}', now())
                    """)
            }
            let trial = try await copied.move(isTrial: true)
            #expect(trial.shards.isEmpty && trial.receipts == 1 && !trial.isEmpty)
            #expect(try await copied.move() == trial)
            let moved: String = try await copied.bank.value(
                "select receipt::text from hindsight.receipts where log = (select id from copy.log_identity)")
            #expect(moved == #"{"position":4}"#)
            #expect(try await copied.move().isEmpty)
        }
    }

    @Test("What is left of other logs, receipts and a subscription that has seen nothing, does not hold a move up")
    func leftovers() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            try await bank.appendRandom(20)
            try await bank.engine(Turnover.projection()).runUntilCaughtUp()
            try await copied.mirror()
            try await bank.views.withSession { session in
                try session.script(
                    """
                    insert into hindsight.offsets (kind, name, version, partition, log)
                    values ('subscription', 'forgotten', 1, 0, gen_random_uuid());
                    insert into hindsight.receipts (log, command, name, content, receipt, ended_at)
                    values (gen_random_uuid(), gen_random_uuid(), 'place', sha256('x'), '{"position":1004}', now())
                    """)
            }
            let move = try await copied.move(Turnover.projection())
            #expect(move.shards.map(\.name) == ["turnover"] && move.receipts == 0)
        }
    }

    @Test(
        "A subscription to what comes from now on, which has seen nothing yet, misses nothing of what came before the move"
    )
    func subscriptionOfAnEmptyLog() async throws {
        try await CopiedBank.open { copied in
            let numbers = SubscriptionFixture(fixture: copied.bank.fixture)
            let options = SubscriptionOptions(name: "new", start: .now)
            let waiting = numbers.subscription(options)
            async let run: Void = waiting.run { _ in Issue.record("there is nothing") }
            try await Bank.until("it has its place") { try await numbers.offset(of: "new") != nil }
            waiting.drain()
            try await run
            try await numbers.append(1...3)
            try await copied.mirror()

            let move = try await copied.move()
            #expect(move.shards.map(\.name) == ["new"] && move.shards.map(\.position) == [0])
            #expect(try await numbers.collect(3, numbers.subscription(options, log: copied.copy)) == [1, 2, 3])
            #expect(try await copied.move().isEmpty)
            let error = await #expect(throws: SubscriptionError.self) {
                try await numbers.subscription(options).run { _ in Issue.record("it is handled again") }
            }
            #expect(error?.code == .moved)
        }
    }

    @Test("Where a process has crashed that is not in the log any more is forgotten, and nothing else waits for it")
    func staleCrashes() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            try await bank.appendRandom(20)
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            try await copied.mirror()
            try await bank.script(
                """
                update hindsight.offsets set crashes_there = 2, crashed_at = case name when 'account' then 1005 else 900000 end
                where position > 0
                """)
            #expect(try await copied.move(Account.projection(), Turnover.projection()).shards.count == 2)
            let crashes: String = try await bank.value(
                """
                select string_agg(concat(name, ' ', crashed_at), ', ' order by name) from hindsight.offsets
                where log = (select id from copy.log_identity)
                """)
            #expect(crashes == "account 5, turnover ")
        }
    }

    @Test("A role that may not move is told who may")
    func rights() async throws {
        try await CopiedBank.open { copied in
            let bank = copied.bank
            try await bank.appendRandom(10)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await copied.mirror()
            let role = "mover_\(UInt64.random(in: 0 ... .max))"
            let owner: String = try await bank.value("select current_user::text")
            try await bank.script("create role \(role) login")
            let pool = PostgresPool(
                configuration: PostgresConfiguration(bank.viewsDatabase.conninfo + " user='\(role)'"),
                maximumConnections: 2, logger: LogFixture.logger)
            let administration = ProjectionAdministration(
                ProjectionContext(
                    log: copied.copy, pool: pool, projections: [Account.projection()], events: Bank.registry))
            for grants in ["", "set search_path = hindsight; select grant_read('\(role)'::regrole); reset search_path"]
            {
                try await bank.script(grants)
                let refusal = await Self.refusal {
                    try await administration.move(to: try await copied.source(), ends: [:])
                }
                #expect(refusal?.contains("run it as the role \(owner)") == true, "\(refusal ?? "")")
                #expect(refusal?.contains("permission denied") == true, "\(refusal ?? "")")
            }
            await pool.close()
            try await bank.script("drop owned by \(role); drop role \(role)")
            #expect(try await copied.move(Account.projection()).shards.count == 1)
        }
    }
}
