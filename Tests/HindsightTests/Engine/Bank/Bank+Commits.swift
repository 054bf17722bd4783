import HindsightPostgres
import Testing

/// Commits that have happened and of which nobody has been told. For a server of the test's own.
extension Bank {
    /// From now on, commits wait for a standby that does not exist.
    func holdCommits() async throws {
        try await script("alter system set synchronous_standby_names = 'nobody'")
        try await script("select pg_reload_conf()")
        // The server takes its time to hear of it.
        try await asProcess("probe of commits") { process in
            let probing = Task {
                while true { try await process.script("create table held_commits (); drop table held_commits") }
            }
            try await untilCommitWaits(in: "probe of commits")
            try await terminate("probe of commits")
            _ = await probing.result
        }
    }

    /// Commits wait no more.
    func releaseCommits() async throws {
        try await script("alter system reset synchronous_standby_names")
        try await script("select pg_reload_conf()")
    }

    /// Waits until a process has a commit that waits for a standby.
    func untilCommitWaits(in process: String) async throws {
        try await Self.until("a commit of \(process) waits") {
            try await value(
                """
                select exists (select from pg_stat_activity
                    where application_name = \(process) and datname = current_database() and wait_event = 'SyncRep')
                """)
        }
    }
}
