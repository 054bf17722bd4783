import HindsightCluster
import Testing

@Suite("The server's own file")
struct ServerStateTests {
    static func text(_ status: String) -> String {
        "4711\n/data\n1795238667\n5432\n/data/socket\n\n 12345 6\n\(status)\n"
    }

    @Test func namesTheProcessAndTheSocket() throws {
        let file = try #require(PostmasterFile(Self.text("ready   ")))
        #expect(file.processID == 4711)
        #expect(file.port == 5432)
        #expect(file.socketFolder == "/data/socket")
        #expect(file.status == .ready)
    }

    @Test(arguments: ["", "\n", "x", "-4711", "0", "99999999999"])
    func withoutAProcessSaysNothing(_ text: String) {
        #expect(PostmasterFile(text) == nil)
    }

    @Test func countsAsStartingUntilItIsWhole() {
        #expect(PostmasterFile("4711")?.status == .starting)
        #expect(PostmasterFile("4711\n/data\n179")?.status == .starting)
        #expect(PostmasterFile(Self.text(""))?.status == .starting)
    }

    @Test func decidesTheState() {
        let ready = ServerState.ready(socketFolder: "/data/socket", port: 5432)
        #expect(ServerState(nil, isAlive: false) == .stopped)
        #expect(ServerState(PostmasterFile(Self.text("ready   ")), isAlive: false) == .stopped)
        #expect(ServerState(PostmasterFile(Self.text("ready   ")), isAlive: true) == ready)
        #expect(ServerState(PostmasterFile(Self.text("standby ")), isAlive: true) == ready)
        #expect(ServerState(PostmasterFile(Self.text("starting")), isAlive: true) == .starting)
        #expect(ServerState(PostmasterFile(Self.text("stopping")), isAlive: true) == .stopping)
    }
}
