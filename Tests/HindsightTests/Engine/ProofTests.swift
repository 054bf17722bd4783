import Hindsight
import HindsightPostgres
import Testing

@Suite("Holding what was applied against the log", .serialized, .timeLimit(.minutes(3)))
struct ProofTests {
    /// What can be said of projections, by name.
    private func verdicts(
        _ administration: ProjectionAdministration, _ names: [String] = []
    ) async throws -> [ProjectionProof.Verdict] {
        try await administration.verify(names).map(\.verdict)
    }

    @Test("Each event once is proven, whatever kind of projection it is and however far it has come")
    func proven() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection(), Journal.projection()).runUntilCaughtUp()
            try await bank.appendRandom(200, seed: 2)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let all = bank.administration(Account.projection(), Journal.projection(), Turnover.projection())
            #expect(try await verdicts(all) == [.proven, .proven, .unknown(.notStarted)])
            let proofs = try await all.verify(["journal", "account"])
            #expect(proofs.map(\.name) == ["journal", "account"])
            #expect(proofs.map(\.offset) == [300, 500])
            #expect(proofs[1].eventsApplied == Int64(try await bank.offset(of: "account")?.applied ?? 0))
            let error = try await #require(throws: ProjectionError.self) { try await all.verify(["nothing"]) }
            #expect(error.code == .unknownProjection)
        }
    }

    @Test("A sum that is not the log's shows, and what the log holds is said")
    func differs() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            let administration = bank.administration(Account.projection(), Turnover.projection())
            let applied = Int64(try #require(try await bank.offset(of: "account")).applied)
            for change in [
                // One event was left out, one was taken for its neighbour, one was applied twice and another one not.
                "applied = applied - 1", "position_sum = position_sum + 1", "position_mix = position_mix # 64",
            ] {
                try await bank.script("create table before as select * from hindsight.offsets")
                try await bank.script("update hindsight.offsets set \(change) where name = 'account'")
                let verdicts = try await verdicts(administration)
                guard case .differs(let expected) = verdicts[0] else {
                    Issue.record("\(change): \(verdicts)")
                    return
                }
                #expect(expected.count == applied)
                #expect(verdicts[1] == .proven)
                try await bank.script(
                    """
                    update hindsight.offsets o set applied = b.applied, position_sum = b.position_sum, position_mix = b.position_mix
                    from before b where o.name = b.name and o.kind = b.kind;
                    drop table before
                    """)
            }
            #expect(try await verdicts(administration) == [.proven, .proven])
            // A rebuild folds what the log holds.
            try await bank.script("update hindsight.offsets set applied = applied + 1 where name = 'account'")
            try await bank.rebuild(Account.projection())
            #expect(try await verdicts(administration) == [.proven, .proven])
        }
    }

    @Test("While appends go on and an engine works, every proof holds, and the engine goes on undisturbed")
    func underAppends() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            let administration = bank.administration(Account.projection(), Turnover.projection())
            try await bank.running(
                bank.engine(Account.projection(), Turnover.projection(), configuration: Bank.small)
            ) { _ in
                try await bank.untilApplied("account")
                try await bank.untilApplied("turnover")
                let epochs = try await [bank.offset(of: "account")?.epoch, bank.offset(of: "turnover")?.epoch]
                async let appends: Void = bank.appendRandom(1_500, seed: 2, batch: 3)
                var offsets: Set<Int64> = []
                repeat {
                    let proofs = try await administration.verify()
                    #expect(proofs.allSatisfy { $0.verdict == .proven }, "\(proofs)")
                    offsets.formUnion(proofs.map(\.offset))
                } while offsets.max() ?? 0 < 1_000
                try await appends
                try await bank.untilApplied("account")
                #expect(offsets.count > 2)
                #expect(try await [bank.offset(of: "account")?.epoch, bank.offset(of: "turnover")?.epoch] == epochs)
            }
            try await bank.expectAccounts()
        }
    }

    @Test("It is about the version that is shown, if this program knows what that wants")
    func shownVersion() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            #expect(try await verdicts(bank.administration(Doubled.projection())) == [.unknown(.notDeclared)])
            let both = bank.administration(Account.projection(), Doubled.projection())
            #expect(try await both.verify().map(\.version) == [1])
            try await bank.rebuild(Doubled.projection())
            #expect(try await both.verify().map(\.version) == [2])
            #expect(try await verdicts(both) == [.proven])
        }
    }

    @Test("A log that was rewound is an error, not a difference")
    func rewound() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.script("delete from hindsight.events where position > 90")
            let error = try await #require(throws: EventLogError.self) {
                try await bank.administration(Account.projection()).verify()
            }
            #expect(error.code == .anchorMismatch)
        }
    }

    // MARK: - What a program of the release before has moved

    @Test("It is unknown until it is rebuilt")
    func unknownUntilRebuilt() async throws {
        try await ReleasedDatabase.open { bank in
            try await Migrator(pool: bank.views, logger: LogFixture.logger).migrate()
            let administration = bank.administration(Account.projection())
            #expect(try await verdicts(administration) == [.unknown(.movedByEarlierRelease)])
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            #expect(try await verdicts(administration) == [.unknown(.movedByEarlierRelease)])
            try await bank.rebuild(Account.projection())
            #expect(try await verdicts(administration) == [.proven])
        }
    }

    @Test(
        "It becomes known when rows that stay shown are found equal to freshly folded ones", arguments: [false, true])
    func knownByComparison(isLive: Bool) async throws {
        try await ReleasedDatabase.open { bank in
            try await Migrator(pool: bank.views, logger: LogFixture.logger).migrate()
            let administration = bank.administration(Account.projection())
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let shown = try await bank.shownTable("account")
            if isLive {
                try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                    async let appends: Void = bank.appendRandom(600, seed: 3, batch: 2)
                    let report = try await bank.rebuild(Account.projection()) { $0.verification = .only }
                    #expect(report.comparison?.isEqual == true)
                    try await appends
                    try await bank.untilApplied("account")
                }
            } else {
                let report = try await bank.rebuild(Account.projection()) { $0.verification = .only }
                #expect(report.comparison?.isEqual == true)
            }
            #expect(try await bank.shownTable("account") == shown)
            #expect(try await verdicts(administration) == [.proven])
            try await bank.appendRandom(50, seed: 4)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            #expect(try await verdicts(administration) == [.proven])
            try await bank.expectAccounts()
        }
    }

    @Test("Rows that are not equal leave it unknown")
    func unknownWhereRowsDiffer() async throws {
        try await ReleasedDatabase.open { bank in
            try await Migrator(pool: bank.views, logger: LogFixture.logger).migrate()
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.script("update account set balance = balance + 1 where id = (select min(id) from account)")
            let report = try await bank.rebuild(Account.projection()) { $0.verification = .only }
            #expect(report.comparison?.isEqual == false)
            #expect(
                try await verdicts(bank.administration(Account.projection())) == [.unknown(.movedByEarlierRelease)])
        }
    }

    @Test("What a proof has counted is kept: the next one counts only what has come since, unless it is to begin anew")
    func countedBefore() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            let administration = bank.administration(Account.projection(), Turnover.projection())
            #expect(try await verdicts(administration) == [.proven, .proven])
            let kept: Int64 = try await bank.value("select max(position) from hindsight.counted_events")
            #expect(kept == 300)
            // Somebody changes an event that was counted.
            try await bank.script(
                "update hindsight.events set type = 'Noise' where position = (select min(position) from hindsight.events where type = 'Deposited')"
            )
            try await bank.appendRandom(100, seed: 2)
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            #expect(try await verdicts(administration) == [.proven, .proven])
            let again = try await administration.verify(countingAgain: true).map(\.verdict)
            for verdict in again {
                guard case .differs = verdict else {
                    Issue.record("\(verdict)")
                    continue
                }
            }
            // What was counted last is what is kept.
            #expect(try await verdicts(administration) == again)
        }
    }

    @Test("Counts of a log that has another event at their place say nothing")
    func countedElsewhere() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let administration = bank.administration(Account.projection())
            #expect(try await verdicts(administration) == [.proven])
            try await bank.script("update hindsight.counted_events set anchor = gen_random_uuid(), events = events + 1")
            #expect(try await verdicts(administration) == [.proven])
            try await bank.script("update hindsight.counted_events set position = position + 1000, events = events + 1")
            #expect(try await verdicts(administration) == [.proven])
        }
    }

    @Test("A proof does not wait for a process that hangs while it keeps what it has counted")
    func countedByAnother() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let administration = bank.administration(Account.projection())
            #expect(try await verdicts(administration) == [.proven])
            let hanging = try await OpenTransaction.begin(in: bank.views)
            try await hanging.run {
                try $0.execute("update hindsight.counted_events set counted_at = clock_timestamp()")
            }
            try await bank.appendRandom(100, seed: 2)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            #expect(try await verdicts(administration) == [.proven])
            #expect(try await bank.value("select max(position) from hindsight.counted_events") == Int64(300))
            try await hanging.commit()
        }
    }

    @Test("Rows are compared with a fold from nothing, of which nothing is left")
    func rows() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            let rebuilder = bank.rebuilder(Account.projection(), Turnover.projection())
            let equal = try await rebuilder.compareRows(of: ["account", "turnover"])
            #expect(equal.map(\.name) == ["account", "turnover"])
            #expect(equal.allSatisfy { $0.comparison?.isEqual == true })
            let table = try #require(try await bank.shownTable("account"))
            try await bank.script(
                "update hindsight.\(table) set balance = balance + 1 where id = (select min(id) from hindsight.\(table))"
            )
            let spoilt = try #require(try await rebuilder.compareRows(of: ["account"]).first?.comparison)
            #expect(spoilt.changed == 1 && spoilt.added == 0 && spoilt.missing == 0)
            // The events are the same all the same.
            #expect(try await verdicts(bank.administration(Account.projection())) == [.proven])
            #expect(try await bank.administration(Account.projection()).rebuilds().isEmpty)
            #expect(try await bank.shownTable("account") == table)
            let tables: Int = try await bank.value(
                "select count(*) from pg_tables where schemaname = 'hindsight' and tablename like 'account%'")
            #expect(tables == 1)
        }
    }

    @Test("A rebuild that is not complete is not touched by a comparison")
    func rowsBesideRebuild() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(Account.projection()) { $0.verification = .only }
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.rebuilder(Account.projection()).compareRows(of: ["account"])
            }
            #expect(error.code == .rebuildRunning)
            #expect(try await bank.administration(Account.projection()).rebuilds().count == 1)
        }
    }
}
