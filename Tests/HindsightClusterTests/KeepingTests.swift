import HindsightCluster
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("A server that is gone is started again by those that use it", .timeLimit(.minutes(5)))
struct KeepingTests {
    /// Waits for a condition. It starts no program: a process that a test starts meanwhile would hold on to that one's pipes.
    private static func eventually(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Waits until another server process than this one takes connections.
    private static func awaitServer(_ cluster: LocalCluster, after process: Int32?) async throws {
        let file = "\(cluster.server.folder.data)/postmaster.pid"
        try await eventually {
            guard let now = cluster.server.processID(), now != process else { return false }
            // A file that is being written may be there without its status yet.
            return (try? String(contentsOfFile: file, encoding: .utf8))?.contains("ready") == true
        }
    }

    /// How often the server has been started, by its own log.
    private func startCount(_ fixture: ClusterFixture) async throws -> String {
        try await fixture.shell(#"grep -c "starting PostgreSQL" "$1/server.log""#)
    }

    @Test func afterItsFirstProcessWasKilled() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        try await cluster.query("create table note as select 'committed' as text")
        try await cluster.keepingServer {
            for _ in 0..<2 {
                let process = try #require(cluster.server.processID())
                kill(process, SIGKILL)
                try await Self.awaitServer(cluster, after: process)
                #expect(try await cluster.query("table note") == "committed")
            }
        }
        #expect(try await startCount(fixture) == "3")
        try await cluster.stop()
        #expect(cluster.server.processID() == nil, "the last user stops it")
    }

    @Test func onceByAllThatUseIt() async throws {
        let fixture = try await ClusterFixture()
        let clusters = [try await fixture.start(), try await fixture.start(), try await fixture.start()]
        let folder = fixture.folder
        try await keepingAll(clusters) {
            // One that kills the server is a process of its own. What waits for it blocks a thread that others may need, so
            // nothing here happens before it has ended but what the three watches do.
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                let cluster = try await LocalCluster.start(in: folder, logger: ClusterFixture.logger)
                try await cluster.keepingServer {
                    let process = try #require(cluster.server.processID())
                    kill(process, SIGKILL)
                    try await Self.awaitServer(cluster, after: process)
                }
                try await cluster.stop()
            }
        }
        #expect(try await startCount(fixture) == "2")
        let process = clusters[0].server.processID()
        for cluster in clusters.dropLast() {
            try await cluster.stop()
            #expect(cluster.server.processID() == process)
        }
        try await clusters[2].stop()
        #expect(clusters[2].server.processID() == nil)
    }

    private func keepingAll(_ clusters: [LocalCluster], _ body: () async throws -> Void) async throws {
        try await clusters[0].keepingServer {
            try await clusters[1].keepingServer { try await clusters[2].keepingServer { try await body() } }
        }
    }

    @Test func afterAShutdownThatWaitsForSessions() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        let process = try #require(cluster.server.processID())
        let session = Task { try await cluster.query("select pg_sleep(600)") }
        while try await cluster.query("select count(*) from pg_stat_activity where query = 'select pg_sleep(600)'")
            != "1"
        {}
        // A smart shutdown.
        kill(process, SIGTERM)
        try await cluster.keepingServer { try await Self.awaitServer(cluster, after: process) }
        await #expect(throws: LocalClusterError.self) { try await session.value }
        try await cluster.stop()
    }

    @Test func althoughASessionOfTheKilledOneComputes() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        let process = try #require(cluster.server.processID())
        let session = Task { try await cluster.query("do $$ begin loop end loop; end $$") }
        while try await cluster.query("select count(*) from pg_stat_activity where query like 'do $$ begin loop%'")
            != "1"
        {}
        kill(process, SIGKILL)
        // The next app finds the folder so.
        let next = try await fixture.start()
        #expect(try await next.query("select 1") == "1")
        await #expect(throws: LocalClusterError.self) { try await session.value }
        try await next.stop()
        try await cluster.stop()
        #expect(cluster.server.processID() == nil)
    }

    @Test func notByOneThatHasLeft() async throws {
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        try await cluster.keepingServer {
            try await cluster.stop()
            try await cluster.startIfGone()
        }
        try await cluster.startIfGone()
        #expect(cluster.server.processID() == nil)
    }

    @Test func theWatchEndsWithItsBody() async throws {
        struct Stop: Error {}
        let fixture = try await ClusterFixture()
        let cluster = try await fixture.start()
        await #expect(throws: Stop.self) { try await cluster.keepingServer { throw Stop() } }
        #expect(await cluster.keepingServer { 1 } == 1)
        try await cluster.server.stop(.immediate)
        #expect(cluster.server.processID() == nil)
        try await cluster.startIfGone()
        #expect(cluster.server.processID() != nil)
        try await cluster.stop()
    }
}
