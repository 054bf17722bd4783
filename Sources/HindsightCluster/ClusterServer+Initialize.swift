import Logging

extension ClusterServer {
    /// The beginning of the names of data folders that are not complete.
    private static let partial = "data.partial-"

    /// Creates the data folder if there is none.
    ///
    /// It is filled under another name and renamed when complete, so a process that is killed in between leaves nothing
    /// that looks like data.
    package func initialize() async throws {
        guard !SystemCalls.exists(folder.data) else { return }
        try await removePartial()
        logger.info("creating local database", metadata: ["cluster.folder": "\(folder.home)"])
        // A unique name, because a killed app's initdb may still be writing.
        let fresh = "\(folder.home)/\(Self.partial)\(ClusterFolder.randomName())"
        let characters = SystemCalls.hasLocale("C.UTF-8") ? "C.UTF-8" : "C"
        let outcome = try await folder.account.run(
            programs.initdb,
            [
                "--pgdata", fresh, "--username", Self.superuser, "--encoding", "UTF8", "--locale", "C",
                "--lc-ctype", characters, "--auth-local", "trust", "--auth-host", "reject", "--no-instructions",
            ])
        guard outcome.succeeded else {
            throw LocalClusterError(
                .initializationFailed, folder: folder.requested, reason: "initdb failed",
                serverLog: outcome.output.lastLines(20))
        }
        try SystemCalls.rename(fresh, to: folder.data)
        try SystemCalls.synchronize(folder: folder.home)
    }

    private func removePartial() async throws {
        for name in try SystemCalls.entries(of: folder.home) where name.hasPrefix(Self.partial) {
            // Files that cannot be removed now, because a process still writes there, are removed at a later start.
            _ = try await folder.account.run("/bin/rm", ["-rf", "--", "\(folder.home)/\(name)"])
        }
    }
}
