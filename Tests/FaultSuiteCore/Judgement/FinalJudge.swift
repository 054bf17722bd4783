import Hindsight
import HindsightPostgres
import HindsightValues

/// What must hold at the end, when nobody works on the views any more.
struct FinalJudge: Sendable {
    let database: SuiteDatabase
    let context: ProjectionContext
    let appended: Int

    /// What does not hold.
    func findings() async throws -> [String] {
        var findings = try await countEvents()
        findings += try await recount()
        let administration = ProjectionAdministration(context)
        for proof in try await administration.verify(countingAgain: true) where proof.verdict != .proven {
            findings.append("\(proof.name) has not applied each event once: \(proof.verdict)")
        }
        findings += try await countHandled()
        return findings
    }

    /// Whether each event counts once for the subscription, and nothing is noted as handled beyond an offset any more.
    private func countHandled() async throws -> [String] {
        let name = Courier.passbook.table
        let (applied, notes): (Int64?, Int64) = try await database.pool.withSession { session in
            let rows = try session.query(
                "select o.applied from hindsight.offsets o where o.kind = 'subscription' and o.name = \(name)")
            let notes = try session.query("select count(*) from hindsight.handled_events")
            return (try rows.first?.decode(0), try notes[0].decode(0))
        }
        var findings: [String] = []
        if applied != Int64(appended) {
            findings.append(
                "\(appended) events were acknowledged, and \(name) has handled \(applied.map { "\($0)" } ?? "none")")
        }
        if notes > 0 { findings.append("\(notes) notes of handled events are left behind the offsets") }
        return findings
    }

    private func countEvents() async throws -> [String] {
        let stored: Int64 = try await database.pool.withSession { session in
            try session.query("select count(*) from hindsight.events")[0].decode(0)
        }
        return stored == appended ? [] : ["\(appended) events were acknowledged, and the log holds \(stored)"]
    }

    /// Compares all tables of all projections, also those that are kept for a way back, with a recount of the events.
    private func recount() async throws -> [String] {
        var findings: [String] = []
        let administration = ProjectionAdministration(context)
        for (name, recount) in LoadProjections.recounts.sorted(by: { $0.key < $1.key }) {
            var tables = [(name, "\"public\".\"\(name)\"")]
            if LoadProjections.views.contains(name) {
                tables += try await administration.versions(of: name).filter { $0.role == .kept }.compactMap(\.table)
                    .map { ("\(name), as kept for a rollback", "hindsight.\"\($0)\"") }
            }
            for (title, table) in tables {
                if let difference = try await difference(table, recount) {
                    findings.append("\(title) differs from a recount: \(difference)")
                }
            }
        }
        return findings
    }

    private func difference(_ table: String, _ recount: String) async throws -> String? {
        try await database.pool.withSession { session in
            let row = try session.query(
                """
                with folded as (select * from \(unsafeSQL: table)), counted as (\(unsafeSQL: recount)),
                    missing as (select * from counted except all select * from folded),
                    surplus as (select * from folded except all select * from counted)
                select (select count(*) from folded), (select count(*) from missing), (select count(*) from surplus),
                    (select m::text from missing m limit 1), (select s::text from surplus s limit 1)
                """)[0]
            let (rows, missing, surplus): (Int64, Int64, Int64) = (
                try row.decode(0), try row.decode(1), try row.decode(2)
            )
            guard missing > 0 || surplus > 0 else { return nil }
            let (lost, extra): (String?, String?) = (try row.decode(3), try row.decode(4))
            return
                "\(rows) rows, \(missing) as counted are missing (\(lost ?? "-")), \(surplus) are there instead (\(extra ?? "-"))"
        }
    }
}
