import Hindsight
import HindsightPostgres
import Testing

/// What becomes of keys in flight whose process dies, is cut off or replaced between the commit of one lane and that of the offset.
@Suite("Crashes with several keys in flight", .serialized, .timeLimit(.minutes(3)))
struct KeysInFlightCrashTests {
    /// An account whose handler waits at the gate while those of other accounts are committed.
    private static let slow = "slow"

    private func slowPassbooks(_ gate: Gate) -> SQLProjection {
        Passbook.projection { _, _, context in
            if context.stream.id == Self.slow { gate.pass() }
        }
    }

    /// A batch in which the slow account is at the gate, and all others are committed.
    private func untilOthersAreHandled(_ bank: Bank, _ gate: Gate) async throws -> Set<Int64> {
        try await gate.untilReached()
        try await Bank.until("the three other lanes are noted") {
            try await bank.value("select count(*) = 3 from hindsight.handled_events")
        }
        return try await bank.handledBeyond()
    }

    private func append(to bank: Bank) async throws {
        try await bank.appendRandom(80)
        try await bank.append(Bank.Deposited(amount: 1), Bank.Withdrawn(amount: 2), to: Self.slow)
        try await bank.appendRandom(80, seed: 2)
    }

    @Test("Killed sessions: who takes over repeats nothing", arguments: [true, false])
    func killed(keepsKeys: Bool) async throws {
        try await Bank.open { bank in
            try await append(to: bank)
            let gate = Gate()
            defer { gate.open() }
            var handled: Set<Int64> = []
            try await bank.asProcess("first") { first in
                let running = RunningEngine(first.engine(slowPassbooks(gate)))
                handled = try await untilOthersAreHandled(bank, gate)
                #expect(try await bank.offset(of: "passbook")?.position == 0)
                running.beginCancelling()
                try await bank.terminate("first")
                gate.open()
                await running.cancel()
            }
            let seen = Recorder<Int64>()
            let hook: Passbook.Hook = { _, _, context in seen.note(context.position) }
            try await bank.asProcess("second") { second in
                let successor = keepsKeys ? Passbook.projection(after: hook) : Passbook.withoutKeys(after: hook)
                try await second.engine(successor).runUntilCaughtUp()
            }
            #expect(handled.count > 50)
            #expect(Set(seen.all).isDisjoint(with: handled))
            try await bank.expectPassbooks()
        }
    }

    @Test("An engine that loses all of its sessions goes on by itself, and repeats nothing")
    func cutOff() async throws {
        try await Bank.open { bank in
            try await append(to: bank)
            let gate = Gate()
            defer { gate.open() }
            try await bank.asProcess("first") { first in
                try await bank.running(first.engine(slowPassbooks(gate))) { _ in
                    _ = try await untilOthersAreHandled(bank, gate)
                    try await bank.terminate("first")
                    gate.open()
                    try await bank.untilApplied("passbook")
                }
            }
            try await bank.expectPassbooks()
        }
    }

    @Test("A fence in the middle: what is in flight commits nothing afterwards")
    func fenced() async throws {
        try await Bank.open { bank in
            try await append(to: bank)
            let gate = Gate()
            defer { gate.open() }
            let running = RunningEngine(bank.engine(slowPassbooks(gate)))
            let handled = try await untilOthersAreHandled(bank, gate)
            let thief = try await PostgresConnection.connect(bank.viewsDatabase, logger: LogFixture.logger)
            try await thief.withTransaction { session in
                try session.execute(
                    """
                    update hindsight.offsets set leased_until = clock_timestamp() - interval '1 s' where name = 'passbook'
                    """)
                let epoch = try session.query(
                    """
                    select hindsight.take_lease(kind, name, version, partition, log, 'thief', interval '1 min')
                    from hindsight.offsets where name = 'passbook'
                    """)[0].decode(0, as: Int64?.self)
                try #require(epoch != nil)
            }
            gate.open()
            try await running.shutDown()
            #expect(try await bank.handledBeyond() == handled)
            #expect(try await bank.value("select count(*) from posting where account = 'slow'") == 0)
            #expect(try await bank.offset(of: "passbook")?.position == 0)
            await thief.close()

            let seen = Recorder<Int64>()
            try await bank.engine(Passbook.projection { _, _, context in seen.note(context.position) })
                .runUntilCaughtUp()
            #expect(Set(seen.all).isDisjoint(with: handled))
            try await bank.expectPassbooks()
        }
    }

    @Test("What was handled beyond the offset of a batch that is cut off before its commit is not handled again")
    func advanceRefused() async throws {
        try await Bank.open { bank in
            try await append(to: bank)
            let seen = Recorder<Int64>()
            let projection = Passbook.projection { _, _, context in seen.note(context.position) }
            try await bank.engine(projection).prepare()
            // The offset cannot move, and everything else can be committed.
            try await bank.script(
                """
                create function refuse() returns trigger language plpgsql as $$
                begin
                    raise exception 'not yet' using errcode = '53100';
                end $$;
                create trigger refuse before update on hindsight.offsets for each row
                when (new.position > old.position) execute function refuse()
                """)
            try await bank.running(bank.engine(projection)) { _ in
                try await Bank.until("all is handled") {
                    try await bank.value("select count(*) from posting") == seen.count && seen.count > 100
                }
                try await Bank.until("the offset is tried again") {
                    try await bank.offset(of: "passbook")?.epoch ?? 0 > 2
                }
                try await bank.script("drop trigger refuse on hindsight.offsets")
                try await bank.untilApplied("passbook")
            }
            #expect(Set(seen.all).count == seen.count, "nothing was handled twice")
            try await bank.expectPassbooks()
        }
    }
}
