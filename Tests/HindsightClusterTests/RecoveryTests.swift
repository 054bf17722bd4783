import HindsightCluster
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("A start recovers from whatever a crash left", .timeLimit(.minutes(5)))
struct RecoveryTests {
    @Test func afterAKilledServer() async throws {
        let fixture = try await ClusterFixture()
        let first = try await fixture.start()
        try await first.query("create table note as select 'committed' as text")
        let process = try #require(first.server.processID())
        kill(process, SIGKILL)
        // The first app is still there when the second one starts the server again.
        let second = try await fixture.start()
        #expect(second.server.processID() != process)
        #expect(try await second.query("table note") == "committed")
        try await first.stop()
        #expect(try await second.query("select 1") == "1")
        try await second.stop()
        #expect(second.server.processID() == nil)
    }

    @Test func afterAKilledApp() async throws {
        let fixture = try await ClusterFixture()
        let folder = fixture.folder
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
            _ = try await LocalCluster.start(in: folder, logger: ClusterFixture.logger)
            kill(getpid(), SIGKILL)
        }
        let left = try await fixture.shell(#"head -n 1 "$1/data/postmaster.pid""#)
        let cluster = try await fixture.start()
        #expect(try "\(#require(cluster.server.processID()))" == left, "the running server is used")
        try await cluster.stop()
        #expect(cluster.server.processID() == nil)
    }

    @Test func anAppInAnotherProcessCounts() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        let process = cluster.server.processID()
        let folder = fixture.folder
        await #expect(processExitsWith: .success) { [folder = folder as String] in
            let other = try await LocalCluster.start(in: folder, logger: ClusterFixture.logger)
            try await other.stop()
        }
        #expect(cluster.server.processID() == process)
        try await cluster.stop()
        #expect(cluster.server.processID() == nil)
    }

    @Test func twoProcessesMakeOneCluster() async throws {
        let fixture = try await ClusterFixture()
        let folder = fixture.folder
        await withTaskGroup { group in
            for _ in 0..<2 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [folder = folder as String] in
                        let cluster = try await LocalCluster.start(in: folder, logger: ClusterFixture.logger)
                        try await cluster.query("select 1")
                        try await cluster.stop()
                    }
                }
            }
        }
        #expect(try await fixture.shell(#"ls "$1""#) == "cluster.lock\ndata\nserver.log\nsocket\nusers.lock")
    }

    @Test func aProcessIdThatIsSomebodyElsesNow() async throws {
        let fixture = try await ClusterFixture()
        let first = try await fixture.start()
        try await first.server.stop(.immediate)
        let sleeper = try await first.server.folder.account.run(
            "/bin/sh", ["-c", "sleep 600 >/dev/null 2>&1 & echo $!"])
        let process = try #require(Int32(sleeper.output.dropLast()))
        defer { kill(process, SIGKILL) }
        // What a killed server leaves, with an id that belongs to another process of the same user after a restart.
        try await fixture.shell(
            """
            printf '%s\\n%s\\n1\\n5432\\n%s\\n\\n0 0\\nready   \\n' \(process) "$1/data" "$1/socket" >"$1/data/postmaster.pid"
            chown "$(ls -ldn "$1/data" | awk '{ print $3 }')" "$1/data/postmaster.pid"
            """)
        let second = try await fixture.start()
        #expect(try await second.query("select 1") == "1")
        try await first.stop()
        try await second.stop()
        #expect(kill(process, 0) == 0, "the other process is left alone")
    }

    @Test func aHalfMadeDataFolder() async throws {
        let fixture = try await ClusterFixture()
        try await fixture.shell(#"mkdir -p "$1/data.partial-1/base" && touch "$1/cluster.lock" && chmod 700 "$1""#)
        try await fixture.shell(#"[ "$(id -u)" != 0 ] || chown -R nobody "$1""#)
        let cluster = try await fixture.start()
        #expect(try await fixture.shell(#"ls "$1""#) == "cluster.lock\ndata\nserver.log\nsocket\nusers.lock")
        try await cluster.stop()
    }

    @Test func aFailureQuotesTheServersLog() async throws {
        let fixture = try await ClusterFixture()
        try await fixture.start().stop()
        try await fixture.shell(#"echo "no_such_setting = 1" >>"$1/data/postgresql.conf""#)
        let error = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(error?.code == .startFailed)
        #expect(error?.serverLog.contains("no_such_setting") == true)
    }
}
