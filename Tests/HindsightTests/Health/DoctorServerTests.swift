import Hindsight
import HindsightPostgres
import Testing

/// What is worth saying about a server, decided without one.
@Suite("Findings about a server", .timeLimit(.minutes(1)))
struct DoctorServerTests {
    private typealias Setting = ServerObservations.Setting

    /// A server about which there is nothing to say.
    private var sound: ServerObservations {
        var seen = ServerObservations(place: "shop on db:5432", role: "app", database: "shop")
        (seen.version, seen.versionNumber, seen.libraryVersion) = ("15.18", 150_018, 150_018)
        for name in ["autovacuum", "data_checksums", "fsync", "full_page_writes", "synchronous_commit", "track_counts"]
        {
            seen.settings[name] = Setting("on")
        }
        for name in ["statement_timeout", "lock_timeout", "idle_session_timeout"] { seen.settings[name] = Setting("0") }
        seen.settings["synchronous_standby_names"] = Setting("")
        seen.settings["zero_damaged_pages"] = Setting("off")
        seen.serverConnections = .init(limit: 97, used: 20)
        return seen
    }

    private func only(
        _ seen: ServerObservations, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> HealthFinding {
        let report = seen.report
        #expect(report.findings.count == 1, "\(report)", sourceLocation: sourceLocation)
        return try #require(report.findings.first, sourceLocation: sourceLocation)
    }

    @Test("Nothing is said about a sound server")
    func nothing() {
        #expect(sound.report == HealthReport())
    }

    @Test("Versions before 14, and a replica")
    func versions() throws {
        var seen = sound
        (seen.version, seen.versionNumber) = ("13.9", 130_009)
        #expect(try only(seen).sentence == "PostgreSQL 13.9 is too old: this program needs 14 or later.")
        seen = sound
        seen.libraryVersion = 130_009
        #expect(try only(seen).severity == .danger)
        seen = sound
        seen.isReplica = true
        #expect(try only(seen).severity == .warning)
    }

    @Test("What a crash of the machine does to it, with the statement that mends it where it was set")
    func durability() throws {
        var seen = sound
        seen.settings["fsync"] = Setting("off")
        let fsync = try only(seen)
        #expect(fsync.severity == .danger && fsync.sentence.hasPrefix("fsync is off: a crash of the machine may lose"))
        #expect(fsync.remedy == "`alter system set fsync = on`, then `select pg_reload_conf()`")
        seen.settings["fsync"] = Setting("off", source: "command line")
        #expect(try only(seen).remedy?.contains("command line") == true)
        seen = sound
        seen.settings["full_page_writes"] = Setting("off")
        #expect(try only(seen).severity == .danger)
        seen = sound
        seen.settings["zero_damaged_pages"] = Setting("on", source: "database user")
        #expect(
            try only(seen).remedy == #"`alter role "app" in database "shop" set zero_damaged_pages = off`"#)
        seen = sound
        seen.settings["data_checksums"] = Setting("off")
        #expect(try only(seen).severity == .note)
    }

    @Test("Commits that do not wait: of views only, unless there is a standby")
    func commits() throws {
        var seen = sound
        seen.settings["synchronous_commit"] = Setting("off", source: "user")
        let alone = try only(seen)
        #expect(alone.severity == .note && alone.sentence.contains("appends wait for the disk all the same"))
        #expect(alone.remedy == #"`alter role "app" set synchronous_commit = on`"#)
        seen.commitOverrides = [.init(role: "app", database: nil, value: "off")]
        #expect(try only(seen) == alone, "said once")
        seen.settings["synchronous_standby_names"] = Setting("standby")
        #expect(try only(seen).severity == .warning)
        seen.settings["synchronous_commit"] = Setting("local", source: "database")
        seen.commitOverrides = [.init(role: nil, database: "shop", value: "local")]
        let local = try only(seen)
        #expect(local.severity == .warning && local.remedy == #"`alter database "shop" set synchronous_commit = on`"#)
        seen.settings["synchronous_standby_names"] = Setting("")
        #expect(seen.report.findings.isEmpty)
        seen = sound
        seen.commitOverrides = [.init(role: "report er", database: nil, value: "off")]
        let other = try only(seen)
        #expect(other.sentence.hasPrefix("synchronous_commit is off for role report er: "))
        #expect(other.remedy == #"`alter role "report er" reset synchronous_commit`"#)
    }

    @Test("Upkeep, time limits, connections")
    func limits() throws {
        var seen = sound
        seen.settings["autovacuum"] = Setting("off")
        #expect(try only(seen).severity == .warning)
        seen = sound
        seen.transactionAge = 1_200_000_000
        #expect(try only(seen).severity == .warning)
        seen.transactionAge = 1_700_000_000
        #expect(try only(seen).severity == .danger)
        seen = sound
        seen.settings["statement_timeout"] = Setting("5000", source: "session")
        let timeout = try only(seen)
        #expect(timeout.sentence.hasPrefix("statement_timeout is 5000 ms: "))
        #expect(timeout.remedy?.contains("DATABASE_URL") == true)
        seen.settings["statement_timeout"] = Setting("60000")
        #expect(seen.report.findings.isEmpty)
        seen.serverConnections = .init(limit: 97, used: 90)
        #expect(try only(seen).sentence.hasPrefix("The server has 7 of 97 connections left"))
        seen.serverConnections.used = 87
        seen.roleConnections = .init(limit: 5, used: 5)
        #expect(try only(seen).remedy?.contains(#"`alter role "app" connection limit -1`"#) == true)
    }

    @Test("Transactions that stay open, and what is hidden")
    func transactions() throws {
        var seen = sound
        seen.prepared = [.init(name: "it's", role: "app", seconds: 299)]
        #expect(seen.report.findings.isEmpty)
        seen.prepared[0].seconds = 400
        #expect(try only(seen).remedy == "`commit prepared 'it''s'` or `rollback prepared 'it''s'`")
        seen.prepared = []
        seen.hiddenSessions = 2
        #expect(seen.report.unseen.first?.contains(#"`grant pg_read_all_stats to "app"`"#) == true)
        #expect(seen.report.findings.isEmpty)
    }

    @Test("Clocks differ only by what the delay of the answer does not explain")
    func clocks() throws {
        var seen = sound
        seen.clockAhead = -0.2...5
        #expect(seen.report.findings.isEmpty)
        seen.clockAhead = 2.5...5
        let behind = try only(seen)
        #expect(behind.severity == .note && behind.sentence.contains("is at least 2.5 s behind the server's"))
        seen.clockAhead = -500 ... -400
        let ahead = try only(seen)
        #expect(ahead.severity == .warning && ahead.sentence.contains("is at least 6 min ahead of the server's"))
    }

    @Test("A report has each finding once, the worst first")
    func order() {
        let note = HealthFinding(.note, "n", remedy: nil)
        let danger = HealthFinding(.danger, "d", evidence: ["a": "b"], remedy: nil)
        var report = HealthReport([note, note, danger], unseen: ["x", "x"])
        report.add(HealthReport([HealthFinding(.warning, "w", remedy: nil), danger], unseen: ["x"]))
        #expect(report.findings.map(\.sentence) == ["d", "w", "n"] && report.unseen == ["x"])
        #expect(report.worst == .danger && HealthReport().worst == nil)
    }
}
