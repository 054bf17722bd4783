import Hindsight
import HindsightPostgres
import Testing

@Suite("Rebuilds that fail", .serialized, .timeLimit(.minutes(3)))
struct RebuildFailureTests {
    @Test("A handler that fails leaves what is shown as it is; mended, the rebuild goes on from its checkpoint")
    func handlerFails() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 20)
            let bad = try await bank.append(Bank.Deposited(amount: 1_313), to: "7")
            try await bank.fixture.drawPositions(through: bad.position + bad.position / 2)
            try await bank.appendSparse(batches: 3, seed: 2)
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                let shown = try await bank.shownTable("account")
                let failing = Account.projection(version: 2) { event, _ in
                    if event.amount == 1_313 { throw Bank.Refusal() }
                }
                let error = await #expect(throws: ProjectionError.self) {
                    try await bank.rebuilder(failing, Turnover.projection())
                        .rebuild(["account", "turnover"], options: Bank.slow)
                }
                #expect(error?.code == .stopped)
                for part in ["account", "position \(bad.position)", "account-7", "the vault is jammed"] {
                    #expect(error?.description.contains(part) == true, "\(part) in \(error?.description ?? "")")
                }
                #expect(error?.description.contains("turnover") == false)
                try await bank.expectTurnover()

                #expect(try await bank.shownTable("account") == shown)
                try await bank.appendRandom(100, seed: 3)
                try await bank.untilApplied("account")
                try await bank.expectAccounts()

                let status = try #require(try await bank.rebuildStatus(of: failing))
                #expect(status.error?.contains("\(bad.position)") == true)
                #expect(status.error?.contains("the vault is jammed") == true)
                #expect(status.node == nil)
                #expect(status.checkpoint > 0 && status.checkpoint < bad.position)

                // Again, without a change: the same event.
                let again = await #expect(throws: ProjectionError.self) { try await bank.rebuild(failing) }
                #expect(again?.description.contains("position \(bad.position)") == true)

                let first = Recorder<Int64>()
                let report = try await bank.rebuild(Account.projection(version: 2) { first.note($1.position) })
                #expect(report.outcome == .swapped && report.version == 2)
                #expect(try #require(first.all.min()) > status.checkpoint)
                try await bank.expectAccounts(version: 2)
            }
        }
    }

    @Test("A handler that fails while the rebuild catches up stops it there", arguments: [1, 20])
    func failsCatchingUp(later: Int) async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            try await bank.append(Bank.Deposited(amount: 1_001), to: "1")
            let failing = Account.projection { event, _ in
                if event.amount == 1_001 { gate.pass() }
                if event.amount == 1_002 { throw Bank.Refusal() }
            }
            async let report = bank.rebuild(failing)
            try await gate.untilReached()
            for amount in 1..<later { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount)") }
            let bad = try await bank.append(Bank.Deposited(amount: 1_002), to: "1")
            gate.open()
            do {
                _ = try await report
                Issue.record("the rebuild went through")
            } catch let error as ProjectionError {
                #expect(error.code == .stopped && error.description.contains("position \(bad.position)"))
            }
            #expect(try await bank.shownTable("account") == nil)
            let status = try #require(try await bank.rebuildStatus(of: failing))
            #expect(status.checkpoint == bad.position - 1)
            #expect(status.error?.contains("the vault is jammed") == true)
            let first = Recorder<Int64>()
            #expect(try await bank.rebuild(Account.projection { first.note($1.position) }).outcome == .swapped)
            #expect(first.all == [bad.position])
            try await bank.expectAccounts()
        }
    }

    @Test("An event that cannot be decoded stops the rebuild and is named")
    func undecodable() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let bad = try await bank.log.append(
                [NewEvent(type: "Deposited", data: Array(#"{"amount":"many"}"#.utf8))],
                to: StreamName(category: "account", id: "1"), expected: .any)
            try await bank.append(Bank.Deposited(amount: 1), to: "2")
            let error = await #expect(throws: ProjectionError.self) { try await bank.rebuild(Account.projection()) }
            #expect(error?.code == .stopped)
            #expect(error?.description.contains("position \(bad.position)") == true)
            #expect(error?.description.contains("account-1") == true)
            #expect(try await bank.value("select to_regclass('account') is null"))
        }
    }

    @Test("The first of several failures is the one that is named, whichever reader finds its own first")
    func firstFailure() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 4)
            let bad = try await bank.append(Bank.Deposited(amount: 1_313), to: "3")
            for _ in 0..<6 {
                let last = try await bank.log.frontier().position
                try await bank.fixture.drawPositions(through: last + 16_384)
                try await bank.append(Bank.Deposited(amount: 1_313), to: "4")
            }
            let failing = Account.projection { event, _ in if event.amount == 1_313 { throw Bank.Refusal() } }
            let error = await #expect(throws: ProjectionError.self) { try await bank.rebuild(failing) }
            #expect(error?.description.contains("position \(bad.position),") == true, "\(error?.description ?? "")")
        }
    }

    @Test("What cannot be rebuilt is refused, and says why")
    func refusals() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            func refused(
                _ projections: [any Projection], _ names: [String], _ code: ProjectionError.Code, _ part: String,
                _ change: (inout RebuildOptions) -> Void = { _ in }, sourceLocation: SourceLocation = #_sourceLocation
            ) async {
                var options = RebuildOptions()
                change(&options)
                let rebuilder = ProjectionRebuilder(
                    ProjectionContext(
                        log: bank.log, database: bank.viewsDatabase, pool: bank.views, projections: projections,
                        events: Bank.registry, logger: LogFixture.logger))
                let error = await #expect(throws: ProjectionError.self, sourceLocation: sourceLocation) {
                    try await rebuilder.rebuild(names, options: options)
                }
                #expect(error?.code == code, sourceLocation: sourceLocation)
                #expect(error?.description.contains(part) == true, sourceLocation: sourceLocation)
            }
            let account = Account.projection()
            await refused([account], ["nothing"], .unknownProjection, "there are account")
            await refused([account, Journal.projection()], ["account", "journal"], .cannotRebuild, "--keep-old") {
                $0.keepsOld = true
            }
            await refused([account], ["account", "account"], .cannotRebuild, "twice")
            await refused([account], ["account"], .cannotRebuild, "64 MiB") { $0.memoryBytes = 64 << 20 - 1 }
            await refused([account], ["account"], .cannotRebuild, "64 readers") { $0.readers = 0 }
            await refused([account], ["account"], .cannotRebuild, "64 readers") { $0.readers = 65 }
            for rate in [0, -1, .nan] {
                await refused([account], ["account"], .cannotRebuild, "rate") { $0.throttle = .eventsPerSecond(rate) }
            }
            #expect(try await bank.value("select count(*) from hindsight.projections") == 0)

            let nothing = await #expect(throws: ProjectionError.self) {
                try await bank.administration(account).rollBack("account")
            }
            #expect(nothing?.code == .cannotRebuild)
            let unknown = await #expect(throws: ProjectionError.self) {
                try await bank.administration(account).rollBack("nothing")
            }
            #expect(unknown?.code == .unknownProjection)
            await #expect(throws: ProjectionError.self) { try await bank.administration(account).versions(of: "x") }
        }
    }

    @Test("An old program takes a newer version away only where that is asked for", arguments: [false, true])
    func newerShown(meanwhile: Bool) async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            if !meanwhile { try await bank.rebuild(Doubled.projection()) }
            let gate = Gate()
            defer { gate.open() }
            if !meanwhile { gate.open() }
            async let old = bank.rebuild(
                Account.projection { event, _ in if event.amount == 1_313 { gate.pass() } })
            if meanwhile {
                try await gate.untilReached()
                try await bank.rebuild(Doubled.projection())
                gate.open()
            }
            do {
                _ = try await old
                Issue.record("the newer version was replaced")
            } catch let error as ProjectionError {
                #expect(error.code == .cannotRebuild && error.description.contains("--replace-newer"))
                #expect(error.description.contains("shows version 2"))
            }
            #expect(try await bank.shownTable("account") == "account_v2")
            try await bank.expect("account", equals: Doubled.recount)
            let report = try await bank.rebuild(Account.projection()) { $0.replacesNewer = true }
            #expect(report.outcome == .swapped)
            try await bank.expectAccounts()
        }
    }

    @Test("A shape that was changed without a new version is refused, and nothing is begun")
    func shapeChanged() async throws {
        struct Changed: ViewRow {
            var id = ""
            static let table = ViewTable("account", of: Self(), key: \.id)
        }
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let changed = ViewProjection(Changed.self, version: 1)
                .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, _, context in
                    row = Changed(id: context.stream.id)
                }
            let error = await #expect(throws: ProjectionError.self) { try await bank.rebuild(changed) }
            #expect(error?.code == .shapeChanged)
            #expect(try await bank.administration(Account.projection()).rebuilds().isEmpty)
            try await bank.expectAccounts()
        }
    }

    @Test("A stable name that is somebody else's is left alone")
    func nameTaken() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.script("create table account (mine text); insert into account values ('x')")
            let error = await #expect(throws: ProjectionError.self) { try await bank.rebuild(Account.projection()) }
            #expect(error?.code == .nameTaken)
            #expect(try await bank.value("select mine from account") == "x")
            try await bank.script("drop table account")
            #expect(try await bank.rebuild(Account.projection()).outcome == .swapped)
            try await bank.expectAccounts()
        }
    }

    @Test("A rebuild that applied an event too few is not swapped in")
    func notProven() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 10)
            try await bank.rebuild(Account.projection()) { $0.verification = .only }
            // As if an event had appeared below the frontier.
            try await bank.script(
                """
                insert into hindsight.events select 30, 9999, now(), now(), gen_random_uuid(), 1, stream, 'Deposited', null, null,
                    '{"amount":1}', null from hindsight.events where position = 1
                """)
            let error = await #expect(throws: ProjectionError.self) { try await bank.rebuild(Account.projection()) }
            #expect(error?.code == .notProven)
            #expect(try await bank.shownTable("account") == nil)
            #expect(try await bank.rebuild(Account.projection()) { $0.restarts = true }.outcome == .swapped)
            try await bank.expectAccounts()
        }
    }
}
