import Hindsight
import HindsightMigrations
import HindsightPostgres
import HindsightPostgresLog
import Testing

/// What is worth saying about a log and its schema, decided without a server.
@Suite("Findings about a log", .timeLimit(.minutes(1)))
struct DoctorLogTests {
    private var sound: LogObservations {
        var seen = LogObservations(names: SchemaNames(schema: "hindsight"))
        seen.indexes = [
            .init("events_pkey", on: "events", ["\"position\""], isUnique: true),
            .init("events_id_key", on: "events", ["id"], isUnique: true),
            .init("events_stream_version_key", on: "events", ["stream", "version"], isUnique: true),
            .init("events_type_position", on: "events", ["type", "\"position\""]),
            .init("other_name", on: "events", ["category(stream)", "\"position\""]),
        ]
        seen.sequence.last = 7
        seen.highest = 7
        return seen
    }

    private func only(
        _ seen: LogObservations, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> HealthFinding {
        #expect(seen.report.findings.count == 1, "\(seen.report)", sourceLocation: sourceLocation)
        return try #require(seen.report.findings.first, sourceLocation: sourceLocation)
    }

    @Test("Indexes are known by what they hold; a missing one is made, an invalid one mended")
    func indexes() throws {
        #expect(sound.report == HealthReport())
        var seen = sound
        seen.indexes.remove(at: 2)
        let unique = try only(seen)
        #expect(unique.severity == .danger)
        #expect(
            unique.remedy
                == #"`create unique index concurrently events_stream_version_key on "hindsight"."events" (stream, version)`"#
        )
        seen.indexes.insert(.init("plain", on: "events", ["stream", "version"]), at: 0)
        #expect(try only(seen).severity == .danger, "one that is not unique does not do")
        seen = sound
        seen.indexes[4].isValid = false
        let broken = try only(seen)
        #expect(
            broken.severity == .warning && broken.remedy == #"`reindex index concurrently "hindsight"."other_name"`"#)
        seen.indexes.removeLast()
        #expect(try only(seen).remedy?.contains(#"("hindsight"."category"(stream), "position")"#) == true)
        seen = sound
        seen.indexes.append(.init("mine_ccnew", on: "events", ["correlation_id"], isValid: false))
        #expect(try only(seen).sentence.hasPrefix("Index mine_ccnew on events is not valid"))
    }

    @Test("A sequence behind the events, or altered; events of the future; identities; tables that a crash empties")
    func positions() throws {
        var seen = sound
        seen.highest = 9
        let behind = try only(seen)
        #expect(
            behind.severity == .danger
                && behind.sentence.hasPrefix("The next position would be 8, but there are events up to 9"))
        #expect(behind.remedy?.hasSuffix(#"`select setval('"hindsight"."positions"', 9)`"#) == true)
        seen = sound
        seen.sequence.cache = 20
        #expect(try only(seen).severity == .danger)
        seen = sound
        seen.futureSeconds = 30
        #expect(try only(seen).severity == .warning)
        seen = sound
        seen.identities = 2
        #expect(try only(seen).remedy?.hasPrefix("delete all rows") == true)
        seen = sound
        seen.unloggedTables = ["offsets"]
        #expect(try only(seen).remedy == #"`alter table "hindsight"."offsets" set logged`"#)
        seen = sound
        seen.hidesRows = true
        #expect(try only(seen).severity == .warning)
    }

    @Test("Appends that are held open for long; one whose age is hidden is said not to be seen")
    func holders() throws {
        var seen = sound
        seen.holders = [
            HoldingTransaction(processID: 7, role: "app", state: "idle in transaction", seconds: 12),
            HoldingTransaction(processID: 8, seconds: 0.1),
        ]
        let held = try only(seen)
        #expect(held.sentence.hasPrefix("Process 7 (role app, idle in transaction) holds an append open for 12 s"))
        #expect(held.remedy == "`select pg_terminate_backend(7)`")
        seen.holders = [HoldingTransaction(preparedName: "two", seconds: 60)]
        #expect(try only(seen).remedy == "`commit prepared 'two'` or `rollback prepared 'two'`")
        seen.holders = [HoldingTransaction(processID: 7, isHidden: true)]
        #expect(seen.report.findings.isEmpty && seen.report.unseen.count == 1)
    }

    @Test("A schema that is missing, older, or lacks what can wait")
    func migrations() {
        func step(_ number: Int, _ isApplied: Bool, isOnline: Bool = false) -> Migrator.Step {
            Migrator.Step(number: number, name: "000\(number).sql", isApplied: isApplied, isOnline: isOnline)
        }
        func decide(_ steps: Migrator.Step...) -> (report: HealthReport, isUsable: Bool) {
            Migrator.decide(steps, schema: "hindsight", app: "shop")
        }
        #expect(decide(step(1, true), step(2, true, isOnline: true)).report == HealthReport())
        let none = decide(step(1, false), step(2, false))
        #expect(none.report.findings.map(\.severity) == [.danger] && !none.isUsable)
        #expect(none.report.findings.first?.remedy == "`shop database migrate`")
        let older = decide(step(1, true), step(2, false))
        #expect(older.report.findings.first?.sentence.contains("lacks 0002.sql") == true && !older.isUsable)
        let later = decide(step(1, true), step(2, false, isOnline: true))
        #expect(later.report.findings.map(\.severity) == [.note] && later.isUsable)
    }
}
