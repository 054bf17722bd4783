import HindsightCluster
import HindsightTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Servers for tests", .timeLimit(.minutes(5)))
struct TestClusterTests {
    @Test func theSharedOneGivesEachTestADatabase() async throws {
        async let first = TestCluster.shared.makeDatabase()
        async let second = TestCluster.shared.makeDatabase()
        #expect(try await first != second)
        let cluster = try await TestCluster.shared.cluster()
        #expect(try await cluster.cluster.query("show max_prepared_transactions") == "20")
        #expect(try await cluster.cluster.query("show fsync") == "on")
    }

    @Test func aPrivateOneMayCrashAndComeBack() async throws {
        let server = try await PrivateTestCluster.start()
        let before = server.cluster.server.processID()
        try await server.restart(immediate: true)
        let after = server.cluster.server.processID()
        #expect(before != after && after != nil)
        try await server.restart(immediate: false)
        #expect(try await server.cluster.query("select 1") == "1")
        try await server.stop()
        #expect(server.cluster.server.processID() == nil)
    }

    @Test func nothingIsLeftOfAKilledTestProcess() async throws {
        let result = await #expect(
            processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
        ) {
            let server = try await PrivateTestCluster.start()
            print("folder=\(server.folder)=")
            fflush(nil)
            kill(getpid(), SIGKILL)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let folder = try #require(output.split(separator: "=").first { $0.hasPrefix("/tmp/hindsight-test-") })
        // The folder goes after the server has ended; the suite's time limit ends the wait if it stays.
        try await ClusterFixture.shell(#"while [ -e "$1" ]; do sleep 0.05; done"#, String(folder))
    }
}
