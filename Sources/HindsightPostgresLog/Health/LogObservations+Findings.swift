import HindsightLog
import HindsightPostgres
package import HindsightValues

extension LogObservations {
    /// An index that the migrations make, and what is lost without it.
    private struct Wanted {
        let name: String
        let columns: [String]
        let isUnique: Bool
        let loss: String
    }

    private static let wanted = [
        Wanted(
            name: "events_pkey", columns: ["\"position\""], isUnique: true,
            loss: "two events may get one position, and readers scan the whole log"),
        Wanted(
            name: "events_id_key", columns: ["id"], isUnique: true,
            loss: "an append that is repeated may be stored twice"),
        Wanted(
            name: "events_stream_version_key", columns: ["stream", "version"], isUnique: true,
            loss: "two appends may get one version of a stream"),
        Wanted(
            name: "events_type_position", columns: ["type", "\"position\""], isUnique: false,
            loss: "readers of a few types scan the whole log"),
        Wanted(
            name: "events_category_position", columns: ["category(stream)", "\"position\""], isUnique: false,
            loss: "readers of a category scan the whole log"),
    ]

    /// For how long an append may be open before it is worth saying.
    private static let patience = 10.0

    /// Decides what is worth saying.
    package var report: HealthReport {
        var report = HealthReport(indexFindings + tableFindings + positionFindings)
        report.add(holdersReport)
        return report
    }

    /// What is worth saying of the appends that hold the frontier.
    var holdersReport: HealthReport {
        let unseen = holders.filter(\.isHidden).compactMap(\.processID).map {
            "for how long process \($0) has held an append open: members of pg_read_all_stats see it"
        }
        return HealthReport(holderFindings, unseen: unseen)
    }

    // MARK: - Indexes and tables

    private var indexFindings: [HealthFinding] {
        let missing = Self.wanted.filter { wanted in
            !indexes.contains {
                $0.table == "events" && ($0.isValid || indexesInProgress.contains($0.name))
                    && (!wanted.isUnique || $0.isUnique) && $0.columns == wanted.columns
            }
        }
        return missing.map(finding) + invalid
            + indexesInProgress.map {
                HealthFinding(
                    .note, "Index \($0) on events is being built.", remedy: "let the statement that builds it end")
            }
    }

    private func finding(_ wanted: Wanted) -> HealthFinding {
        let columns = wanted.columns.joined(separator: ", ")
        let broken = indexes.first { $0.table == "events" && !$0.isValid && $0.columns == wanted.columns }
        let table = names.events.quoted
        let expression = columns.replacing("category(", with: "\(names.category.quoted)(")
        let create =
            "`create \(wanted.isUnique ? "unique " : "")index concurrently \(wanted.name) on \(table) (\(expression))`"
        return HealthFinding(
            wanted.isUnique ? .danger : .warning,
            "The log has no \(broken == nil ? "" : "valid ")index on (\(columns)): \(wanted.loss).",
            evidence: broken.map { ["invalid": $0.name] } ?? [:],
            remedy: broken.map { "`reindex index concurrently \(names.object($0.name).quoted)`" } ?? create)
    }

    /// Those that no finding names yet: they are kept up to date, and serve nobody.
    private var invalid: [HealthFinding] {
        indexes.filter { index in
            !index.isValid && !indexesInProgress.contains(index.name)
                && !(index.table == "events" && Self.wanted.contains { $0.columns == index.columns })
        }.map { index in
            HealthFinding(
                .warning,
                "Index \(index.name) on \(index.table) is not valid: a statement that was to create it was ended. It costs each write, and serves no reader.",
                remedy:
                    "`reindex index concurrently \(names.object(index.name).quoted)`, or `drop index concurrently \(names.object(index.name).quoted)`"
            )
        }
    }

    private var tableFindings: [HealthFinding] {
        var findings = unloggedTables.map { table in
            HealthFinding(
                .danger, "Table \(table) is unlogged: a crash of the server empties it.",
                remedy: "`alter table \(names.object(table).quoted) set logged`")
        }
        if identities != 1 {
            findings.append(
                HealthFinding(
                    .danger,
                    "The log has \(identities) identities, and needs one: offsets belong to an identity.",
                    remedy: identities == 0
                        ? "restore the row of \(names.logIdentity.quoted) from a backup: column \"log\" of \(names.object("offsets").quoted) names it"
                        : "delete all rows of \(names.logIdentity.quoted) but the one that column \"log\" of \(names.object("offsets").quoted) names"
                ))
        }
        if hidesRows {
            findings.append(
                HealthFinding(
                    .warning,
                    "Row security is on for the events: a role that may not see all of them makes views that lack some.",
                    remedy:
                        "`alter table \(names.events.quoted) disable row level security`, or `alter role … bypassrls` for the engine's role"
                ))
        }
        return findings
    }

    // MARK: - Positions

    private var positionFindings: [HealthFinding] {
        let positions = names.positions.quoted
        var findings: [HealthFinding] = []
        if highest > sequence.last {
            findings.append(
                HealthFinding(
                    .danger,
                    """
                    The next position would be \(sequence.last + 1), but there are events up to \(highest): appends fail, or fall behind \
                    readers, who never see them.
                    """, evidence: ["sequence": "\(sequence.last)", "highest": "\(highest)"],
                    remedy: "stop all programs that append, and `select setval('\(positions)', \(highest))`"))
        }
        if sequence.increment != 1 || sequence.cache != 1 || sequence.isCyclic {
            findings.append(
                HealthFinding(
                    .danger, "The sequence of positions was altered: readers may pass events that they have not seen.",
                    evidence: [
                        "increment": "\(sequence.increment)", "cache": "\(sequence.cache)",
                        "cycle": "\(sequence.isCyclic)",
                    ],
                    remedy: "`alter sequence \(positions) increment by 1 cache 1 no cycle`"))
        }
        if futureSeconds >= 1 {
            findings.append(
                HealthFinding(
                    .warning,
                    """
                    The last event was recorded \(futureSeconds.ageText) in the future: the server's clock was set back, or events were \
                    imported with such times. Lags look shorter than they are, and starting at a time is not exact.
                    """, remedy: "set the server's clock; it passes by itself when the time has come"))
        }
        return findings
    }

    private var holderFindings: [HealthFinding] {
        holders.filter { $0.seconds ?? 0 >= Self.patience }.map { holder in
            let age = (holder.seconds ?? 0).ageText
            if let name = holder.preparedName {
                let quoted = name.sqlLiteral
                return HealthFinding(
                    .warning,
                    "The prepared transaction \(quoted) holds an append open for \(age): readers see nothing behind it.",
                    remedy: "`commit prepared \(quoted)` or `rollback prepared \(quoted)`")
            }
            let process = holder.processID.map { "\($0)" } ?? "unknown"
            let known = [holder.role.map { "role \($0)" }, holder.application, holder.state].compactMap { $0 }
            return HealthFinding(
                .warning,
                """
                Process \(process) (\(known.joined(separator: ", "))) holds an append open for \(age): readers see nothing behind it.
                """, evidence: holder.query.map { ["statement": String($0.prefix(200))] } ?? [:],
                remedy: "`select pg_terminate_backend(\(process))`")
        }
    }
}
