import HindsightCluster
import HindsightTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("The folder of a cluster", .timeLimit(.minutes(5)))
struct FolderTests {
    @Test(arguments: ["/" + String(repeating: "long", count: 40), " it's, a \"folder\" \\ $HOME"])
    func mayHaveAnyName(_ suffix: String) async throws {
        let fixture = try await ClusterFixture(suffix)
        let cluster = try await fixture.start()
        #expect(try await cluster.query("select 1") == "1")
        guard case .ready(let socketFolder, _) = try await cluster.server.state() else {
            Issue.record("the server does not run")
            return
        }
        #expect("\(socketFolder)/.s.PGSQL.5432".utf8.count < 104)
        #expect(try await ClusterFixture.shell(#"ls -ld "$1" | cut -c 1-10"#, socketFolder) == "drwx------")
        try await cluster.stop()
        #expect(
            try await ClusterFixture.shell(#"ls -d "$1" 2>/dev/null"#, socketFolder) == "", "no folder is left in /tmp")
    }

    @Test func mayBeRelativeAndMade() async throws {
        let fixture = try await ClusterFixture("/a/b")
        let up = try await ClusterFixture.shell("pwd | sed 's|[^/][^/]*|..|g; s|^/||'", "")
        let path = up + fixture.folder
        let cluster = try await LocalCluster.start(in: path, logger: ClusterFixture.logger)
        #expect(cluster.server.folder.requested.hasSuffix("/a/b"))
        try await cluster.stop()
    }

    @Test func isRefusedWithOtherFiles() async throws {
        let fixture = try await ClusterFixture()
        try await fixture.shell(#"mkdir "$1" && chmod 755 "$1" && touch "$1/letter""#)
        let error = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(error?.code == .unsuitableFolder)
        #expect(try await fixture.shell(#"ls -ld "$1" | cut -c 1-10"#) == "drwxr-xr-x", "it is not changed")
    }

    @Test func isTakenWithProgramsInIt() async throws {
        let fixture = try await ClusterFixture()
        try await fixture.shell(#"mkdir -p "$1/bin" && touch "$1/bin/nats-server""#)
        try await fixture.start().stop()
        #expect(try await fixture.shell(#"ls "$1/bin""#) == "nats-server")
    }

    @Test func isRefusedIfItIsAFile() async throws {
        let fixture = try await ClusterFixture()
        try await fixture.shell(#"touch "$1""#)
        let error = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(error?.code == .unsuitableFolder)
    }

    @Test func isRefusedWithDataOfAnotherVersion() async throws {
        let fixture = try await ClusterFixture()
        try await fixture.start().stop()
        try await fixture.shell(#"echo 9 >"$1/data/PG_VERSION""#)
        let error = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(error?.code == .wrongVersion)
        #expect(error?.reason.contains("PostgreSQL 9") == true)
        try await fixture.shell(#": >"$1/data/PG_VERSION""#)
        let second = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(second?.code == .wrongVersion)
    }

    @Test func refusesASocketFolderThatIsOpenToOthers() async throws {
        let fixture = try await ClusterFixture("/" + String(repeating: "long", count: 40))
        let cluster = try await fixture.start()
        guard case .ready(let socketFolder, _) = try await cluster.server.state() else {
            Issue.record("the server does not run")
            return
        }
        try await cluster.stop()
        try await ClusterFixture.shell(#"mkdir "$1" && chmod 777 "$1""#, socketFolder)
        let open = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(open?.code == .unsuitableFolder)
        try await ClusterFixture.shell(#"rmdir "$1" && ln -s /tmp "$1""#, socketFolder)
        let link = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(link?.code == .unsuitableFolder)
        try await ClusterFixture.shell(#"rm "$1""#, socketFolder)
    }

    @Test(.enabled(if: geteuid() == 0, "only root drops to another user"))
    func thatTheServerCannotReachIsReplacedByALink() async throws {
        let fixture = try await ClusterFixture("/closed/folder")
        try await fixture.shell(#"mkdir -p "${1%/folder}" && chmod 700 "${1%/folder}""#)
        let first = try await fixture.start()
        let home = try await fixture.shell(#"readlink "$1/cluster""#)
        #expect(home.hasPrefix("/var/lib/hindsight/"))
        let second = try await fixture.start()
        #expect(second.server.processID() == first.server.processID())
        try await first.stop()
        try await second.stop()
        try await ClusterFixture.shell(#"rm -rf "$1""#, home)
        let error = await #expect(throws: LocalClusterError.self) { _ = try await fixture.start() }
        #expect(error?.code == .unsuitableFolder, "data that is gone is not replaced in silence")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a folder away"))
    func ofAnotherUserIsServedByThatUser() async throws {
        let fixture = try await ClusterFixture()
        try await fixture.shell(#"mkdir "$1" && chown nobody "$1""#)
        let cluster = try await fixture.start()
        #expect(try await fixture.shell(#"ls -ld "$1/data" | awk '{ print $3 }'"#) == "nobody")
        try await cluster.stop()
    }
}
