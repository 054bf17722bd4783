import HindsightCluster
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Apps that name one folder share one server", .timeLimit(.minutes(5)))
struct SharingTests {
    @Test func theServerIsPrivate() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        #expect(try await cluster.query("show listen_addresses") == "")
        #expect(try await cluster.query("show fsync") == "on")
        #expect(try await cluster.query("show unix_socket_permissions") == "0700")
        let locale = try await cluster.query(
            "select datcollate, pg_encoding_to_char(encoding) from pg_database where datname = current_database()")
        #expect(locale == "C|UTF8")
        #expect(try await fixture.shell(#"ls -ldn "$1" "$1/data" "$1/socket" | grep -c '^drwx------'"#) == "3")
        try await cluster.stop()
    }

    @Test func theServerIsNeverRootAndHasItsOwnSession() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        let process = try #require(cluster.server.processID())
        let owner = try await ClusterFixture.shell(#"ls -ldn "$1/data" | awk '{ print $3 }'"#, fixture.folder)
        #expect(owner != "0")
        #expect(geteuid() == 0 || owner == "\(geteuid())")
        #expect(getsid(process) != getsid(0), "Ctrl-C would reach the server")
        try await cluster.stop()
    }

    @Test func dataOutlivesTheServer() async throws {
        let fixture = try await ClusterFixture()
        let first = try await fixture.start()
        try await first.query("create table note as select 'kept' as text")
        try await first.stop()
        #expect(first.server.processID() == nil)
        let second = try await fixture.start()
        #expect(try await second.query("table note") == "kept")
        #expect(second.conninfo == first.conninfo)
        try await second.stop()
    }

    @Test func manyStartAtOnceAndTheLastStops() async throws {
        let fixture = try await ClusterFixture()
        let clusters = try await withThrowingTaskGroup(of: LocalCluster.self) { group in
            for _ in 0..<4 { group.addTask { try await fixture.start() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let processes = Set(clusters.map { $0.server.processID() })
        #expect(processes.count == 1)
        for cluster in clusters.dropLast() {
            try await cluster.stop()
            try await cluster.stop()
            #expect(cluster.server.processID() == processes.first)
        }
        try await clusters.last?.stop()
        #expect(clusters.last?.server.processID() == nil)
    }

    @Test func stoppingAndStartingCross() async throws {
        let fixture = try await ClusterFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<3 {
                        let cluster = try await fixture.start()
                        #expect(try await cluster.query("select 1") == "1")
                        try await cluster.stop()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.shell(#"ls "$1/data/postmaster.pid" 2>/dev/null"#) == "")
    }

    @Test func theStarterMaySetSettingsButNotOpenTheServer() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start(settings: [
            "application_name": "it's $HOME", "listen_addresses": "localhost", "max_prepared_transactions": "7",
        ])
        #expect(try await cluster.query("show max_prepared_transactions") == "7")
        #expect(try await cluster.query("show listen_addresses") == "")
        let name = "select reset_val from pg_settings where name = 'application_name'"
        #expect(try await cluster.query("set application_name to default; \(name)").hasSuffix("psql"))
        try await cluster.stop()
    }

    @Test func stopRunsToItsEndInACancelledTask() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await cluster.stop()
        }
        try await task.value
        #expect(cluster.server.processID() == nil)
    }

    @Test func aCancelledStartLeavesNoServer() async throws {
        let fixture = try await ClusterFixture()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await fixture.start()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let cluster = try await fixture.start()
        #expect(try await cluster.query("select 1") == "1")
        try await cluster.stop()
    }
}
