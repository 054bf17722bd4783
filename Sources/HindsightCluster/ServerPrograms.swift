/// A folder with PostgreSQL's server programs of one major version.
struct ServerPrograms: Sendable {
    let folder: String
    let majorVersion: Int

    var initdb: String { "\(folder)/initdb" }
    var pgCtl: String { "\(folder)/pg_ctl" }
    var pgIsReady: String { "\(folder)/pg_isready" }
    var psql: String { "\(folder)/psql" }

    /// Names the only folder to search.
    static let variable = "HINDSIGHT_POSTGRES_BIN"
    /// The oldest version whose `initdb` accepts our options.
    private static let oldestVersion = 14
    private static let names = ["initdb", "pg_ctl", "postgres", "pg_isready", "psql"]

    /// The programs that fit the cluster: of the version that wrote its data, or the newest if it has none yet.
    static func find(for folder: ClusterFolder) async throws -> ServerPrograms {
        var found: [ServerPrograms] = []
        for candidate in await candidates(folder.account) {
            guard names.allSatisfy({ SystemCalls.isExecutable("\(candidate)/\($0)") }) else { continue }
            let outcome = try await folder.account.run("\(candidate)/postgres", ["--version"])
            guard outcome.succeeded, let version = majorVersion(in: outcome.output) else { continue }
            if version >= oldestVersion { found.append(ServerPrograms(folder: candidate, majorVersion: version)) }
        }
        guard let newest = found.max(by: { $0.majorVersion < $1.majorVersion }) else {
            let place = SystemCalls.environmentVariable(variable).map { " in \($0) (\(variable))" } ?? ""
            throw LocalClusterError(
                .programsNotFound, folder: folder.requested,
                reason: "PostgreSQL server programs, version \(oldestVersion) or later, not found\(place)",
                remedy: "apt-get install postgresql (macOS: brew install postgresql@17), or set \(variable)")
        }
        guard let wanted = try dataVersion(of: folder) else { return newest }
        if let same = found.first(where: { $0.majorVersion == wanted }) { return same }
        throw LocalClusterError(
            .wrongVersion, folder: folder.requested,
            reason: "its data was written by PostgreSQL \(wanted), but only version "
                + found.map { "\($0.majorVersion)" }.joined(separator: ", ") + " is installed",
            remedy: "install PostgreSQL \(wanted), or upgrade the data with pg_upgrade, or name another folder")
    }

    /// The major version in the output of `postgres --version`: `postgres (PostgreSQL) 15.18 (Debian …)`.
    static func majorVersion(in text: String) -> Int? {
        text.split(separator: " ").lazy.compactMap { Int($0.prefix { $0.isWholeNumber }) }.first
    }

    /// The version of the cluster's data, or nil if there is no data yet.
    private static func dataVersion(of folder: ClusterFolder) throws -> Int? {
        guard SystemCalls.exists(folder.data) else { return nil }
        let text = SystemCalls.text(of: "\(folder.data)/PG_VERSION") ?? ""
        if let version = Int(text.prefix { $0.isWholeNumber }) { return version }
        throw LocalClusterError(
            .wrongVersion, folder: folder.requested, reason: "\(folder.data)/PG_VERSION is missing or names no version",
            remedy: "restore the folder from a backup, or move it away to begin with an empty database")
    }

    /// The folders to search: those of Debian, Red Hat and Homebrew, that of `pg_config`, and those in `PATH`.
    static func candidates(_ account: ClusterAccount) async -> [String] {
        if let folder = SystemCalls.environmentVariable(variable) { return [folder] }
        var folders = versions(below: "/usr/lib/postgresql", prefix: "").map { "\($0)/bin" }
        folders += versions(below: "/usr", prefix: "pgsql-").map { "\($0)/bin" }
        for homebrew in ["/opt/homebrew/opt", "/usr/local/opt"] {
            folders += versions(below: homebrew, prefix: "postgresql@").map { "\($0)/bin" }
        }
        let path = (SystemCalls.environmentVariable("PATH") ?? "").split(separator: ":").map(String.init)
        if let pgConfig = path.map({ "\($0)/pg_config" }).first(where: SystemCalls.isExecutable),
            // Without an answer, the other folders remain.
            let outcome = try? await account.run(pgConfig, ["--bindir"]), outcome.succeeded
        {
            folders.append(String(outcome.output.prefix { $0 != "\n" }))
        }
        var seen: Set<String> = []
        return (folders + path).filter { $0.hasPrefix("/") && seen.insert($0).inserted }
    }

    /// The folders `<prefix><number>` in a folder, which may be missing.
    private static func versions(below folder: String, prefix: String) -> [String] {
        // A folder that cannot be read has no usable programs.
        let names = (try? SystemCalls.entries(of: folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) && Int($0.dropFirst(prefix.count)) != nil }.map { "\(folder)/\($0)" }
    }
}
