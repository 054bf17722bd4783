#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The ports of a test server on the loopback interface. They stay the same when it is started again.
package struct NATSServerPorts: Hashable, Sendable {
    /// For clients.
    package let client: Int
    /// For ``NATSTestServer/monitor(_:as:)``.
    package let monitoring: Int
    /// For the other servers of its cluster.
    package let cluster: Int

    /// Draws ports that nobody listens at.
    ///
    /// Not the system's choice: those ports are also given to outgoing connections, one of which could take the port of a
    /// server that is just being started again, or a client that tries to reach it even connect to itself.
    static func draw() throws -> NATSServerPorts {
        NATSServerPorts(client: try free(), monitoring: try free(), cluster: try free())
    }

    private static func free() throws -> Int {
        var failure: (any Error)?
        for _ in 0..<100 {
            // Below what Linux and macOS give to outgoing connections.
            let port = Int.random(in: 12_000..<32_000)
            do {
                close(try ProxySocket.listenOnLoopback(port: port).descriptor)
                return port
            } catch {
                failure = error
            }
        }
        throw failure!
    }
}
