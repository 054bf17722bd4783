#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Runs `body` with a server of its own, which is killed and removed afterwards whatever happens.
///
/// If `body` throws, the end of the server's log goes to the standard error stream.
package func withNATSServer<Value>(
    _ options: NATSServerOptions = NATSServerOptions(), _ body: (NATSTestServer) async throws -> Value
) async throws -> Value {
    let server = try await NATSTestServer.start(options)
    do {
        let value = try await body(server)
        await server.remove()
        return value
    } catch {
        let report = "nats-server at \(server.url), whose test has failed with \(error):\n\(server.logTail)\n"
        // A report that nobody can read is no second failure.
        _ = try? FileDescriptor.standardError.writeAll(report.utf8)
        await server.remove()
        throw error
    }
}

extension NATSTestServer {
    /// The server that all tests of one process share, started when the first one asks for it. It keeps streams, and everybody
    /// may connect.
    ///
    /// Tests use subjects and streams with names of their own (``uniqueName(_:)``), and do not stop it.
    package static func shared() async throws -> NATSTestServer { try await SharedNATSServer.shared.server() }

    /// A name that no other test has, to be used as the first token of subjects, or as a stream's.
    nonisolated package static func uniqueName(_ prefix: String = "t") -> String {
        "\(prefix)_\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    }
}

/// Starts the shared server once.
private actor SharedNATSServer {
    static let shared = SharedNATSServer()

    private var starting: Task<NATSTestServer, any Error>?

    func server() async throws -> NATSTestServer {
        // A task of its own: the time limit of the test that asks first must not end the start that the others await.
        let task = starting ?? Task { try await NATSTestServer.start(.jetStream) }
        starting = task
        return try await task.value
    }
}
