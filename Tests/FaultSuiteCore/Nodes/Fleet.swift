import HindsightTestSupport
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The nodes, each with a place and a proxy in front of the server for this place. A node that has ended is replaced by one with the
/// next number.
actor Fleet {
    let proxies: [CuttingProxy]
    private let program: String
    private let folder: SuiteFolder
    private var running: [NodeProcess?]
    private var builds: [Build]
    private var numbers: [Int]
    private var isClosed = false

    init(proxies: [CuttingProxy], program: String, folder: SuiteFolder) {
        self.proxies = proxies
        self.program = program
        self.folder = folder
        running = proxies.map { _ in nil }
        numbers = proxies.map { _ in 0 }
        builds = proxies.map { _ in .mended }
    }

    /// The living nodes and their places.
    var nodes: [(place: Int, node: NodeProcess)] {
        running.enumerated().compactMap { place, node in node.map { (place, $0) } }
    }

    func node(at place: Int) -> NodeProcess? { running[place] }

    func place(of name: String) -> Int? { running.firstIndex { $0?.name == name } }

    /// Starts all that do not run.
    func startAll() async throws {
        for place in running.indices where running[place] == nil { try await start(at: place) }
    }

    /// Starts a node where none runs.
    func start(at place: Int, build: Build? = nil) async throws {
        guard running[place] == nil, !isClosed else { return }
        if let build { builds[place] = build }
        numbers[place] += 1
        let name = "node-\(place + 1).\(numbers[place])"
        let node = try await NodeProcess.start(
            NodeArguments(
                name: name, build: builds[place], conninfo: proxies[place].conninfo, moments: folder.moments),
            program: program, log: folder.log(of: name))
        // The suite may have been asked to end meanwhile.
        if isClosed { node.signal(SIGKILL) } else { running[place] = node }
    }

    /// Kills a node and waits for its end.
    func kill(_ node: NodeProcess) async throws {
        forget(node)
        node.signal(SIGKILL)
        _ = try await node.ended()
    }

    /// Drains a node and waits for its end.
    func drain(_ node: NodeProcess) async throws {
        forget(node)
        try await becomeReady(node)
        node.signal(SIGTERM)
        try await node.drained(within: .seconds(30))
    }

    private func becomeReady(_ node: NodeProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !folder.text(of: node.name).contains(ReadyService.message) {
            guard .now < deadline else { throw FaultFailure("\(node.name) is not ready a minute after its start") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func forget(_ node: NodeProcess) {
        for place in running.indices where running[place] === node { running[place] = nil }
    }

    /// Nodes that have ended although nobody ended them.
    func findFallen() async throws -> [String] {
        var fallen: [String] = []
        for (_, node) in nodes where !node.isAlive {
            forget(node)
            fallen.append("\(node.name) ended by itself with \(try await node.ended())")
        }
        return fallen
    }

    /// Kills all that are left, and starts no more.
    func close() async {
        isClosed = true
        let left = nodes.map(\.node)
        for node in left { node.signal(SIGKILL) }
        for node in left {
            // Whatever it ended with, it has ended.
            _ = try? await node.ended()
        }
        running = proxies.map { _ in nil }
    }
}
