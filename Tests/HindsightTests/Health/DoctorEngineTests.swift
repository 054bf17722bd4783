import Hindsight
import HindsightProjections
import Testing

/// What is worth saying about an engine's tables and processes, decided without a server.
@Suite("Findings about an engine", .timeLimit(.minutes(1)))
struct DoctorEngineTests {
    private typealias Seen = EngineObservations

    /// A projection that a process keeps up to date.
    private var sound: EngineObservations {
        var seen = EngineObservations(schema: "hindsight", viewSchema: "public")
        seen.declared = [.init(name: "account", version: 2, shape: ViewShape(Account.table))]
        var version = Seen.Version("account", version: 2, table: "account_v2")
        version.isActive = true
        seen.versions = [version]
        var shard = Seen.Shard("projection", "account", version: 2, position: 40)
        shard.isHeld = true
        seen.shards = [shard]
        var node = Seen.Node("host pid 7", .ready, isConnected: true, session: 42, silentSeconds: 0.1)
        node.declares = ["account 2"]
        seen.nodes = [node]
        seen.indexes = [.init("account_v2_pkey", on: "account_v2", ["id"], isUnique: true, isPrimary: true)]
        return seen
    }

    private func only(
        _ seen: EngineObservations, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> HealthFinding {
        let report = seen.report(app: "bank")
        #expect(report.findings.count == 1, "\(report)", sourceLocation: sourceLocation)
        return try #require(report.findings.first, sourceLocation: sourceLocation)
    }

    @Test("Offsets that do not fit the log, each with the remedy for what it is of")
    func offsets() throws {
        #expect(sound.report(app: "bank") == HealthReport())
        var seen = sound
        seen.shards[0].mismatch = "it was rewound"
        #expect(try only(seen).severity == .danger)
        #expect(try only(seen).remedy?.contains("`bank projections reset account`") == true)
        seen.shards[0].kind = "rebuild"
        #expect(try only(seen).remedy == "`bank projections rebuild account --cancel`")
        seen = sound
        seen.shards.append(Seen.Shard("subscription", "it's", position: 3))
        seen.shards[1].mismatch = "it was rewound"
        #expect(try only(seen).remedy?.contains("name = 'it''s'`") == true)
        seen.shards[1].mismatch = nil
        seen.shards[1].otherLog = "another"
        #expect(seen.report(app: "bank").findings.isEmpty, "a schema may serve several logs")
        seen = sound
        seen.shards[0].otherLog = "another"
        #expect(try only(seen).sentence.contains("has rows of another log, another"))
        seen = sound
        (seen.shards[0].stoppedAt, seen.shards[0].error) = (41, "the vault is jammed")
        let stopped = try only(seen)
        #expect(
            stopped.severity == .warning
                && stopped.sentence.hasSuffix("has stopped at position 41: the vault is jammed."))
    }

    @Test("Pauses and parked keys are notes")
    func notes() throws {
        var seen = sound
        seen.pauses["account"] = .init(since: Timestamp(microsecondsSince1970: 0), role: "ann", reason: nil)
        #expect(try only(seen).severity == .note)
        seen = sound
        seen.shards[0].parked = ParkedCount(keys: 1, events: 2)
        let parked = try only(seen)
        #expect(parked.severity == .note && parked.sentence.contains("1 parked key, whose rows lack 2 events"))
    }

    @Test("Processes that hang, are gone, or are not there")
    func processes() throws {
        var seen = sound
        seen.nodes.append(.init("host pid 8", .gone, isConnected: true, session: 43, silentSeconds: 30))
        let hanging = try only(seen)
        #expect(hanging.severity == .warning && hanging.remedy?.contains("pg_terminate_backend(43)") == true)
        seen.nodes[1].isConnected = false
        #expect(try only(seen).severity == .note)
        seen.nodes = []
        #expect(seen.report(app: "bank").findings.isEmpty, "a process of the release before has it")
        seen.shards[0].isHeld = false
        #expect(try only(seen).remedy == "`bank run`")
    }

    @Test("Tables, views and indexes that are gone")
    func tables() throws {
        var seen = sound
        seen.versions[0].hasView = false
        #expect(
            try only(seen).remedy?.hasPrefix(
                #"`create view "public"."account" as select * from "hindsight"."account_v2"`"#) == true)
        seen.versions[0].hasTable = false
        #expect(try only(seen).sentence.hasPrefix("Table account_v2, with the rows of account version 2, is gone"))
        seen = sound
        seen.indexes = []
        let key = try only(seen)
        #expect(
            key.severity == .danger && key.remedy == #"`alter table "hindsight"."account_v2" add primary key ("id")`"#)
        seen = sound
        seen.declared[0].shape?.indexes = [ViewIndex(columns: ["balance"], isUnique: false)]
        #expect(try only(seen).remedy == #"`create index concurrently on "hindsight"."account_v2" ("balance")`"#)
        seen.indexes.append(.init("broken", on: "account_v2", ["balance"], isValid: false))
        #expect(try only(seen).remedy == #"`reindex index concurrently "hindsight"."broken"`"#)
        seen.indexes[1].isValid = true
        #expect(seen.report(app: "bank").findings.isEmpty)
        seen.indexes.append(.init("mine_ccnew", on: "account_v2", ["entries"], isValid: false))
        #expect(try only(seen).remedy == #"`drop index concurrently "hindsight"."mine_ccnew"`"#)
    }

    @Test("What rebuilds, and programs that nobody has any more, have left")
    func remains() throws {
        var seen = sound
        seen.rebuilds = [
            RebuildStatus(
                name: "account", version: 3, phase: .reading, reached: 50, goal: 100, checkpoint: 40, eventsApplied: 40,
                rows: 9,
                rate: 0, seconds: 900, node: nil, idleSeconds: 600, error: nil)
        ]
        let abandoned = try only(seen)
        #expect(
            abandoned.severity == .warning
                && abandoned.sentence.contains("was abandoned 10 min ago at position 50 of 100"))
        #expect(abandoned.remedy?.contains("`bank projections rebuild account --cancel`") == true)
        seen.rebuilds[0].node = "host pid 9"
        #expect(seen.report(app: "bank").findings.isEmpty)
        seen.rebuilds[0].node = nil
        seen.rebuilds[0].phase = .verified
        #expect(try only(seen).severity == .note)
        seen = sound
        seen.strayTables = ["account_v1"]
        #expect(try only(seen).remedy == #"`drop table "hindsight"."account_v1"`, if nobody needs it"#)
        seen = sound
        seen.straySchemas = ["audit_v1_fill"]
        #expect(try only(seen).remedy?.hasPrefix(#"`drop schema "audit_v1_fill" cascade`, unless a program"#) == true)
        seen = sound
        seen.discarded = [.init(table: "account_v1", seconds: 30, dependents: [])]
        #expect(seen.report(app: "bank").findings.isEmpty)
        seen.discarded = [.init(table: "account_v1", seconds: 3_000, dependents: ["report"])]
        #expect(try only(seen).evidence.map(\.text) == ["report"])
        seen = sound
        seen.versions.append(.init("account", version: 1, table: "account_v1"))
        let older = try only(seen)
        #expect(older.severity == .note && older.remedy?.contains("`bank projections rebuild account`") == true)
        seen.nodes[0].declares.insert("account 1")
        #expect(seen.report(app: "bank").findings.isEmpty, "a process of the deployment before has it")
        seen = sound
        var gone = Seen.Version("old", version: 1, table: "old_v1")
        gone.isActive = true
        seen.versions.append(gone)
        #expect(
            try only(seen).remedy?.contains(#"drop view "public"."old"; drop table "hindsight"."old_v1"; delete from"#)
                == true)
    }
}
