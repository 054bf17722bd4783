import Foundation

/// A nats-server on loopback with a folder of its own, with default settings but for what is said below.
struct NATSBenchmarkServer: Sendable {
    let url: String
    private let processFile: String

    /// Ends the server as a crash would. It does not come back.
    func crash() throws {
        let text = try String(contentsOfFile: processFile, encoding: .utf8)
        guard let id = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)), kill(id, SIGKILL) == 0 else {
            throw BenchmarkError("the server at \(url) cannot be killed; its process is \(text)")
        }
    }

    /// The name that servers have for each other.
    static func name(_ number: Int) -> String { "benchmark-\(number)" }

    /// Starts servers, as one cluster if there are several, and stops them and removes their files whatever happens.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - program: the path of nats-server.
    ///   - body: uses them.
    static func withServers(
        _ count: Int, program: String, _ body: ([NATSBenchmarkServer]) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hindsight-nats-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let keeper = try keeper(of: configurations(count, folder), in: folder, program: program)
        do {
            var servers: [NATSBenchmarkServer] = []
            for number in 1...count { servers.append(try await started(number, in: folder)) }
            try await body(servers)
        } catch {
            keeper.stop()
            throw error
        }
        keeper.stop()
    }

    private static func configurations(_ count: Int, _ folder: URL) -> [String] {
        // Below the ports that systems give to clients. Whoever meets a taken one is told by the server's log.
        let firstPort = Int.random(in: 20_000..<30_000)
        let routes = (1...count).map { "\"nats://127.0.0.1:\(firstPort + $0)\"" }.joined(separator: ", ")
        return (1...count).map { number in
            let cluster =
                "cluster { name: benchmark, listen: \"127.0.0.1:\(firstPort + number)\", routes: [\(routes)] }"
            // The publisher of a core benchmark is faster than its reader, whom a server would cut off at 64 MB.
            return """
                server_name: "\(name(number))"
                listen: "127.0.0.1:-1"
                ports_file_dir: "\(folder.path)/\(number)"
                pid_file: "\(folder.path)/\(number)/pid"
                max_pending: 1GB
                jetstream { store_dir: "\(folder.path)/\(number)" }
                \(count > 1 ? cluster : "")
                """
        }
    }

    /// A shell that stops the servers when this process ends, in whatever way: then its input ends, too.
    private static func keeper(of configurations: [String], in folder: URL, program: String) throws -> Keeper {
        for (index, configuration) in configurations.enumerated() {
            let own = folder.appendingPathComponent("\(index + 1)")
            try FileManager.default.createDirectory(at: own, withIntermediateDirectories: false)
            try configuration.write(
                to: own.appendingPathComponent("nats.conf"), atomically: true, encoding: .utf8)
        }
        // It does not `wait`: threads of Swift keep SIGCHLD from the shells that they start, which then wait for ever. A server that is
        // still dying may put files into a folder that is being removed.
        let script = """
            trap '' INT TERM HUP
            for folder in "$2"/*; do
                "$1" -c "$folder/nats.conf" >"$folder/log" 2>&1 &
                servers="$servers $!"
            done
            read -r _
            exec 2>/dev/null
            kill -9 $servers
            for try in 1 2 3 4 5 6 7 8 9 10; do
                if rm -rf "$2"; then break; fi
                sleep 0.2
            done
            """
        return try Keeper(script, [program, folder.path])
    }

    private static func started(_ number: Int, in folder: URL) async throws -> NATSBenchmarkServer {
        struct Ports: Decodable {
            var nats: [String]
        }
        let folder = folder.appendingPathComponent("\(number)")
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            // A file that is half written is read again.
            if let file = files.first(where: { $0.pathExtension == "ports" }),
                let ports = try? JSONDecoder().decode(Ports.self, from: Data(contentsOf: file)),
                let url = ports.nats.first
            {
                return NATSBenchmarkServer(url: url, processFile: folder.appendingPathComponent("pid").path)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        let log = (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? "(no log)"
        throw BenchmarkError("nats-server was not ready within 10 s:\n\(log.suffix(2_000))")
    }
}

/// A shell whose work ends with its input.
private struct Keeper {
    private let shell = Process()
    private let input = Pipe()

    init(_ script: String, _ arguments: [String]) throws {
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, "sh"] + arguments
        shell.standardInput = input
        try shell.run()
    }

    func stop() {
        // If it is closed already, so much the better.
        try? input.fileHandleForWriting.close()
        shell.waitUntilExit()
    }
}
