import HindsightPostgres
package import HindsightValues

extension EngineObservations {
    /// Decides what is worth saying.
    ///
    /// - Parameter app: the program whose commands are named.
    package func report(app: String) -> HealthReport {
        HealthReport(
            shards.compactMap { finding($0, app) } + pauseFindings(app) + parkedFindings(app) + nodeFindings(app)
                + versions.flatMap { findings($0, app) } + indexFindings + rebuildFindings(app) + remains
                + undeclared(app))
    }

    private func quoted(_ name: String) -> String { SchemaNames(schema: schema).object(name).quoted }

    private func isDeclared(_ name: String) -> Bool { declared.contains { $0.name == name } }

    // MARK: - Offsets

    private func finding(_ shard: Shard, _ app: String) -> HealthFinding? {
        let what = "\(shard.kind == "subscription" ? "Subscription" : "Projection") \(shard.name)"
        if let mismatch = shard.mismatch {
            return HealthFinding(
                .danger, "\(what) does not belong to this log: \(mismatch).",
                evidence: ["kind": shard.kind, "version": "\(shard.version)", "position": "\(shard.position)"],
                remedy: mismatchRemedy(shard, app))
        }
        if let other = shard.otherLog {
            return otherLog(shard, other, what, app)
        }
        guard let position = shard.stoppedAt else { return nil }
        return HealthFinding(
            .warning, "\(what) has stopped at position \(position): \(shard.error ?? "unknown").",
            evidence: ["kind": shard.kind, "version": "\(shard.version)"],
            remedy: shard.kind == "rebuild"
                ? "`\(app) projections rebuild \(shard.name)` tries again when the fold is mended"
                : "mend what failed, and `\(app) projections resume \(shard.name)`")
    }

    private func mismatchRemedy(_ shard: Shard, _ app: String) -> String {
        let right = "run it on the log that it was read from; if this is the right log, "
        return switch shard.kind {
        case "subscription":
            right
                + """
                end it, and `delete from \(quoted("offsets")) where kind = 'subscription' and name = \(shard.name.sqlLiteral)` has it begin \
                anew
                """
        case "rebuild": "`\(app) projections rebuild \(shard.name) --cancel`"
        case "kept": "`\(app) projections rebuild \(shard.name)` replaces the rows that are kept for a way back"
        default: right + "`\(app) projections reset \(shard.name)` folds it from the beginning"
        }
    }

    /// One schema may serve several logs, but the rows of a view are folded from one.
    private func otherLog(_ shard: Shard, _ log: String, _ what: String, _ app: String) -> HealthFinding? {
        guard shard.position > 0, shard.kind == "projection",
            declared.contains(where: { $0.name == shard.name && $0.version == shard.version })
        else { return nil }
        return HealthFinding(
            .danger, "\(what) has rows of another log, \(log), and cannot be kept up to date from this one.",
            evidence: ["version": "\(shard.version)", "position": "\(shard.position)"],
            remedy:
                "run it on that log; if this is the right one, `\(app) projections reset \(shard.name)` folds it from the beginning"
        )
    }

    private func pauseFindings(_ app: String) -> [HealthFinding] {
        pauses.sorted { $0.key < $1.key }.map { name, pause in
            HealthFinding(
                .note, "Projection \(name) is \(pause.description).", remedy: "`\(app) projections resume \(name)`")
        }
    }

    private func parkedFindings(_ app: String) -> [HealthFinding] {
        shards.filter { $0.parked.keys > 0 && $0.kind == "projection" }.map { shard in
            HealthFinding(
                .note,
                """
                Projection \(shard.name) has \(shard.parked.keys) parked \(shard.parked.keys == 1 ? "key" : "keys"), whose rows lack \
                \(shard.parked.events) \(shard.parked.events == 1 ? "event" : "events").
                """,
                remedy:
                    "`\(app) projections parked \(shard.name)` shows them; mend the fold or the data, and `\(app) projections retry \(shard.name)`"
            )
        }
    }

    // MARK: - Processes

    private func nodeFindings(_ app: String) -> [HealthFinding] {
        let findings = nodes.compactMap { node -> HealthFinding? in
            switch node.state {
            case .ready, .draining: return nil
            case .troubled:
                return HealthFinding(
                    .warning, "Process \(node.name) cannot read the log at the moment; others are asked first.",
                    remedy: "look into its log for the reason")
            case .stuck:
                return HealthFinding(
                    .warning,
                    "Process \(node.name) is stuck: a fold or a handler of it does not return, and it takes no projections.",
                    remedy: "restart it; `\(app) projections list` shows what was given up or has stopped")
            case .gone where node.isConnected:
                return HealthFinding(
                    .warning,
                    "Process \(node.name) hangs: it has not renewed its lease for \(node.silentSeconds.ageText).",
                    evidence: ["connection": "\(node.session)"],
                    remedy: "end that process, or `select pg_terminate_backend(\(node.session))`")
            case .gone:
                return HealthFinding(
                    .note,
                    "Process \(node.name) has ended without giving back what it had, \(node.silentSeconds.ageText) ago; others may take it.",
                    remedy: nil)
            }
        }
        let isAtWork = nodes.contains { $0.state != .gone } || shards.contains { $0.kind == "projection" && $0.isHeld }
        guard !declared.isEmpty, !isAtWork else { return findings }
        return findings + [HealthFinding(.note, "No process keeps the views up to date.", remedy: "`\(app) run`")]
    }

    // MARK: - Tables

    private func findings(_ version: Version, _ app: String) -> [HealthFinding] {
        guard version.kind != .rebuild, let table = version.table else { return [] }
        let projection = declared.first { $0.name == version.name }
        guard version.hasTable else {
            return [
                HealthFinding(
                    .danger, "Table \(table), with the rows of \(version.name) version \(version.version), is gone.",
                    remedy: projection.map {
                        "raise its version from \($0.version): the new one is folded from the beginning"
                    }
                        ?? "restore it from a backup")
            ]
        }
        guard version.isActive, !version.hasView else { return [] }
        let view = PostgresIdentifier(schema: PostgresIdentifier(viewSchema), version.name).quoted
        return [
            HealthFinding(
                .danger,
                "View \(version.name), the stable name of the rows in \(table), is gone from schema \(viewSchema).",
                remedy: "`create view \(view) as select * from \(quoted(table))`, and grant on it what was granted")
        ]
    }

    private var indexFindings: [HealthFinding] {
        declared.flatMap { projection -> [HealthFinding] in
            guard let shape = projection.shape else { return [] }
            return versions.filter {
                $0.name == projection.name && $0.version == projection.version && $0.kind != .rebuild && $0.hasTable
            }.compactMap(\.table).flatMap { findings(of: shape, table: $0) }
        }
    }

    private func findings(of shape: ViewShape, table: String) -> [HealthFinding] {
        let present = indexes.filter { $0.table == table }
        var findings: [HealthFinding] = []
        let key = shape.columns.prefix(shape.keyCount).map(\.name)
        if !present.contains(where: { $0.isPrimary && $0.isValid && $0.columns == key }) {
            findings.append(
                HealthFinding(
                    .danger,
                    "Table \(table) has no primary key (\(key.joined(separator: ", "))): rows cannot be folded into it.",
                    remedy: "`alter table \(quoted(table)) add primary key (\(Self.list(key)))`"))
        }
        for index in shape.indexes
        where !present.contains(where: {
            $0.isValid && $0.columns == index.columns && (!index.isUnique || $0.isUnique)
        }) {
            findings.append(missing(index, on: table, present))
        }
        for index in present where !index.isValid && !shape.indexes.contains(where: { $0.columns == index.columns }) {
            findings.append(
                HealthFinding(
                    .warning,
                    """
                    Index \(index.name) on \(table) is not valid: a statement that was to create it was ended. It costs each write, \
                    and serves no reader.
                    """,
                    remedy: "`drop index concurrently \(quoted(index.name))`"))
        }
        return findings
    }

    private func missing(_ index: ViewIndex, on table: String, _ present: [Index]) -> HealthFinding {
        let columns = index.columns.joined(separator: ", ")
        let broken = present.first { !$0.isValid && $0.columns == index.columns }
        let unique = index.isUnique ? "unique " : ""
        return HealthFinding(
            .warning,
            "Table \(table) has no \(broken == nil ? "" : "valid ")\(unique)index on (\(columns)), which the program declares.",
            evidence: broken.map { ["invalid": $0.name] } ?? [:],
            remedy: broken.map { "`reindex index concurrently \(quoted($0.name))`" }
                ?? "`create \(unique)index concurrently on \(quoted(table)) (\(Self.list(index.columns)))`")
    }

    // MARK: - What is left over

    private func rebuildFindings(_ app: String) -> [HealthFinding] {
        rebuilds.compactMap { rebuild in
            let what = "The rebuild of \(rebuild.name) version \(rebuild.version)"
            let command = "`\(app) projections rebuild \(rebuild.name)"
            if rebuild.isAbandoned {
                return HealthFinding(
                    .warning,
                    """
                    \(what) was abandoned \(rebuild.idleSeconds.ageText) ago at position \(rebuild.reached) of \
                    \(max(rebuild.goal, rebuild.reached)): its process has ended.
                    """,
                    remedy: "\(command)` goes on from position \(rebuild.checkpoint); \(command) --cancel` gives it up")
            }
            guard rebuild.node == nil, rebuild.error == nil else { return nil }
            return HealthFinding(
                .note, "\(what) is complete, and waits to be shown.",
                remedy: "\(command)` shows it; \(command) --cancel` gives it up")
        }
    }

    private var remains: [HealthFinding] {
        let old = discarded.filter { $0.seconds >= 600 }.map { table in
            HealthFinding(
                .warning,
                """
                Table \(table.table) was replaced \(table.seconds.ageText) ago and is still there: \
                \(table.dependents.isEmpty ? "somebody reads it, or no process runs that would drop it" : "views depend on it").
                """,
                evidence: table.dependents.isEmpty ? [:] : ["views": table.dependents.joined(separator: ", ")],
                remedy: table.dependents.isEmpty
                    ? nil : "have these views read the stable name; the table is dropped by itself then")
        }
        return old
            + strayTables.map { table in
                HealthFinding(
                    .warning,
                    "Nothing names table \(table): it was made by hand, or is what a restored backup has left.",
                    remedy: "`drop table \(quoted(table))`, if nobody needs it")
            }
            + straySchemas.map { schema in
                HealthFinding(
                    .warning, "Nothing names schema \(schema): it is what a rebuild has left.",
                    remedy: """
                        `drop schema \(PostgresIdentifier(schema).quoted) cascade`, unless a program with another engine schema in this database \
                        rebuilds it at the moment
                        """)
            }
    }

    /// Versions that neither this program nor a living process would keep up to date.
    private func undeclared(_ app: String) -> [HealthFinding] {
        let known = Set(declared.map { "\($0.name) \($0.version)" })
            .union(nodes.filter { $0.state != .gone }.flatMap(\.declares))
        return versions.filter { version in
            version.kind == .projection && !known.contains("\(version.name) \(version.version)")
                && !shards.contains {
                    $0.name == version.name && $0.version == version.version && $0.kind == "projection" && $0.isHeld
                }
        }.map { version in
            HealthFinding(
                .note,
                """
                Nobody declares \(version.name) version \(version.version): it \(version.isActive ? "is shown, and stands still" : "stands still").
                """,
                evidence: version.bytes > 0 ? ["size": "\(version.bytes / 1_024) kB"] : [:],
                remedy: isDeclared(version.name)
                    ? "`\(app) projections rebuild \(version.name)` takes its place, and drops it"
                    : removal(version))
        }
    }

    private func removal(_ version: Version) -> String {
        let name = version.name.sqlLiteral
        let view = PostgresIdentifier(schema: PostgresIdentifier(viewSchema), version.name).quoted
        let drop =
            version.table.map { "\(version.isActive ? "drop view \(view); " : "")drop table \(quoted($0)); " } ?? ""
        return """
            if no other program declares it: `\(drop)delete from \(quoted("projections")) where name = \(name) and version = \
            \(version.version); delete from \(quoted("offsets")) where kind = 'projection' and name = \(name) and version = \(version.version)`
            """
    }

    private static func list(_ columns: [String]) -> String {
        columns.map { PostgresIdentifier($0).quoted }.joined(separator: ", ")
    }
}
