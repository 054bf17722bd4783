package import HindsightValues

extension ServerObservations {
    /// What a process with an engine may take at most: its pool of 8, one connection for leases, and one to spare.
    private static let processConnections = 10

    /// Decides what is worth saying.
    package var report: HealthReport {
        let findings = versions + durability + commits + upkeep + connections + limits + transactions + clocks
        guard hiddenSessions > 0 else { return HealthReport(findings) }
        return HealthReport(
            findings,
            unseen: [
                """
                the transactions of \(hiddenSessions) sessions of other roles: `grant pg_read_all_stats to \(quoted(role))` \
                shows them
                """
            ])
    }

    func quoted(_ name: String) -> String { PostgresIdentifier(name).quoted }

    private var versions: [HealthFinding] {
        var findings: [HealthFinding] = []
        if versionNumber < 140_000 {
            findings.append(
                HealthFinding(
                    .danger, "PostgreSQL \(version) is too old: this program needs 14 or later.",
                    evidence: ["server": place], remedy: "move the database to a newer server"))
        }
        if libraryVersion < 140_000 {
            findings.append(
                HealthFinding(
                    .danger, "libpq \(libraryVersion / 10_000) is too old: this program needs 14 or later.",
                    remedy: "install a newer libpq on this machine"))
        }
        if isReplica {
            findings.append(
                HealthFinding(
                    .warning, "The server is a replica: nothing can be appended or kept up to date there.",
                    evidence: ["server": place], remedy: "let DATABASE_URL name the primary server"))
        }
        return findings
    }

    // MARK: - Durability

    private var durability: [HealthFinding] {
        var findings: [HealthFinding] = []
        if value("fsync") == "off" {
            findings.append(
                of(
                    "fsync", .danger,
                    "a crash of the machine may lose events that were confirmed, or ruin the whole server", "on"))
        }
        if value("full_page_writes") == "off" {
            findings.append(
                of("full_page_writes", .danger, "a crash of the machine may leave half-written pages", "on"))
        }
        if value("zero_damaged_pages") == "on" {
            findings.append(of("zero_damaged_pages", .danger, "damaged pages are emptied without a word", "off"))
        }
        if value("data_checksums") == "off" {
            findings.append(
                HealthFinding(
                    .note, "The server has no data checksums: what a disk garbles is read as if it were right.",
                    evidence: ["server": place], remedy: "`pg_checksums --enable` while the server is stopped"))
        }
        return findings
    }

    /// Appends never do with less than a flush of their own server, whatever is set; see `hold_frontier()`.
    private var commits: [HealthFinding] {
        let hasStandby = !value("synchronous_standby_names").isEmpty
        var findings: [HealthFinding] = []
        if let words = Self.commitWords(value("synchronous_commit"), hasStandby: hasStandby) {
            findings.append(of("synchronous_commit", words.severity, words.text, "on"))
        }
        for other in commitOverrides where !isEffective(other) {
            guard let words = Self.commitWords(other.value, hasStandby: hasStandby) else { continue }
            let (name, statement) = describe(other)
            findings.append(
                HealthFinding(
                    words.severity, "synchronous_commit is \(other.value) for \(name): \(words.text).",
                    evidence: ["server": place], remedy: "`\(statement) reset synchronous_commit`"))
        }
        return findings
    }

    private static func commitWords(
        _ value: String, hasStandby: Bool
    ) -> (severity: HealthFinding.Severity, text: String)? {
        switch value {
        case "off" where !hasStandby:
            (
                .note,
                "appends wait for the disk all the same, but after a crash views may stand further back and apply their last events again"
            )
        case "off", "local":
            hasStandby
                ? (.warning, "appends do not wait for the standby, so that a failover may lose confirmed events") : nil
        default: nil
        }
    }

    /// True if it is what this program's own connections have.
    private func isEffective(_ other: Override) -> Bool {
        switch settings["synchronous_commit"]?.source {
        case "database user": other.role == role && other.database != nil
        case "user": other.role == role && other.database == nil
        case "database": other.role == nil && other.database != nil
        case "global": other.role == nil && other.database == nil
        default: false
        }
    }

    private func describe(_ other: Override) -> (name: String, statement: String) {
        switch (other.role, other.database) {
        case (let role?, let database?):
            (
                "role \(role) in database \(database)",
                "alter role \(quoted(role)) in database \(quoted(database))"
            )
        case (let role?, nil): ("role \(role)", "alter role \(quoted(role))")
        case (nil, let database?): ("database \(database)", "alter database \(quoted(database))")
        case (nil, nil): ("all roles", "alter role all")
        }
    }

    // MARK: - Settings

    /// A finding about a setting.
    private func of(
        _ name: String, _ severity: HealthFinding.Severity, _ why: String, _ better: String, unit: String = ""
    ) -> HealthFinding {
        HealthFinding(
            severity, "\(name) is \(value(name))\(unit): \(why).", evidence: ["server": place, "set by": origin(name)],
            remedy: remedy(name, better))
    }

    private func origin(_ name: String) -> String {
        switch settings[name]?.source {
        case "user": "role \(role)"
        case "database": "database \(database)"
        case "database user": "role \(role) in database \(database)"
        case "session", "client": "the connection's settings"
        case let source?: source
        case nil: "unknown"
        }
    }

    private func remedy(_ name: String, _ better: String) -> String {
        let change = "set \(name) = \(better)"
        return switch settings[name]?.source {
        case "user": "`alter role \(quoted(role)) \(change)`"
        case "database": "`alter database \(quoted(database)) \(change)`"
        case "database user": "`alter role \(quoted(role)) in database \(quoted(database)) \(change)`"
        case "session", "client":
            "take it out of the connection's settings: DATABASE_URL, PGOPTIONS or the program's own configuration"
        case "command line": "start the server without it on its command line"
        default: "`alter system \(change)`, then `select pg_reload_conf()`"
        }
    }

    private var upkeep: [HealthFinding] {
        var findings: [HealthFinding] = []
        let name = value("autovacuum") == "off" ? "autovacuum" : "track_counts"
        if value(name) == "off" {
            findings.append(
                of(
                    name, .warning,
                    "nothing tidies up after the offsets, which change with each batch, and views get slower and larger",
                    "on"))
        }
        if transactionAge >= 1_000_000_000 {
            findings.append(
                HealthFinding(
                    transactionAge >= 1_600_000_000 ? .danger : .warning,
                    "The oldest row of database \(database) is \(transactionAge) transactions old: at 2,100,000,000 the server refuses to write.",
                    evidence: ["server": place],
                    remedy:
                        "end old and prepared transactions and unused replication slots, then `vacuum freeze` as a superuser"
                ))
        }
        return findings
    }

    private var limits: [HealthFinding] {
        var findings: [HealthFinding] = []
        func check(_ name: String, below limit: Int, _ severity: HealthFinding.Severity, _ why: String) {
            guard let milliseconds = number(name), milliseconds > 0, milliseconds < limit else { return }
            findings.append(of(name, severity, why, "0", unit: " ms"))
        }
        check(
            "statement_timeout", below: 60_000, .warning,
            "it ends statements of rebuilds, and of batches with many rows")
        check(
            "transaction_timeout", below: 60_000, .warning,
            "it ends transactions of rebuilds, and of batches with many rows")
        check(
            "lock_timeout", below: 1_000, .note,
            "appends to one stream at the same time fail where they would wait for one another")
        check(
            "idle_session_timeout", below: .max, .note,
            "it ends the connection that listens for appends, and readers find them later until it is open again")
        return findings
    }

    private var connections: [HealthFinding] {
        let limits: [(String, Connections?, String)] = [
            (
                "The server", serverConnections,
                "raise max_connections (`alter system set max_connections`, and a restart)"
            ),
            ("Database \(database)", databaseConnections, "`alter database \(quoted(database)) connection limit -1`"),
            ("Role \(role)", roleConnections, "`alter role \(quoted(role)) connection limit -1`"),
        ]
        return limits.compactMap { name, connections, remedy in
            guard let connections, connections.limit - connections.used < Self.processConnections else { return nil }
            return HealthFinding(
                .warning,
                """
                \(name) has \(max(0, connections.limit - connections.used)) of \(connections.limit) connections left, and a process \
                of this app takes up to \(Self.processConnections).
                """, evidence: ["server": place], remedy: "\(remedy), or end sessions that are not needed")
        }
    }

    // MARK: - Transactions and clocks

    private var transactions: [HealthFinding] {
        prepared.filter { $0.seconds >= 300 }.map { transaction in
            let name = transaction.name.sqlLiteral
            return HealthFinding(
                .warning,
                """
                The prepared transaction \(name) of role \(transaction.role) is open for \(transaction.seconds.ageText): it keeps its \
                locks, and dead rows, across restarts.
                """, remedy: "`commit prepared \(name)` or `rollback prepared \(name)`")
        }
            + oldTransactions.map { session in
                let seconds = session.seconds ?? 0
                let process = session.processID.map { "\($0)" } ?? "unknown"
                let known = [session.role.map { "role \($0)" }, session.application, session.state].compactMap { $0 }
                return HealthFinding(
                    seconds >= 3_600 ? .warning : .note,
                    """
                    Process \(process) (\(known.joined(separator: ", "))) has a transaction open for \(seconds.ageText): dead rows stay, \
                    and new versions of views cannot be shown.
                    """, evidence: session.query.map { ["statement": String($0.prefix(200))] } ?? [:],
                    remedy: "`select pg_terminate_backend(\(process))`")
            }
    }

    /// Only a difference that no delay of the answer explains.
    private var clocks: [HealthFinding] {
        let least = max(clockAhead.lowerBound, -clockAhead.upperBound)
        guard least >= 1 else { return [] }
        let direction = clockAhead.lowerBound > 0 ? "behind" : "ahead of"
        return [
            HealthFinding(
                least >= 60 ? .warning : .note,
                """
                This machine's clock is at least \(least.ageText) \(direction) the server's: times of occurrence are this machine's, times \
                of recording, and leases, are the server's.
                """, evidence: ["server": place], remedy: "have both keep time with NTP")
        ]
    }
}
