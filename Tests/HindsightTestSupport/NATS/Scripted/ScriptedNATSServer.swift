import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A server in the process of the tests that plays scripts, for what no real server does: half messages, junk, silence at the
/// wrong moment.
///
/// Its first connection is given the first script, and so on; further ones are given the last one. When a script ends, its
/// connection is closed.
package final class ScriptedNATSServer: Sendable {
    /// What is done with one connection.
    package typealias Script = @Sendable (ScriptedNATSConnection) async throws -> Void

    private struct State {
        var isStopping = false
        var connections: [ScriptedNATSConnection] = []
        var playing: [Task<Void, Never>] = []
        var failure: (any Error)?
    }

    /// The port for clients.
    package let port: Int
    private let scripts: [Script]
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "hindsight.scripted-nats-server")

    /// The address for clients.
    package var url: String { "nats://127.0.0.1:\(port)" }
    /// How many connections there have been.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Starts to listen.
    ///
    /// - Parameter port: Defaults to one that is free.
    package init(port: Int? = nil, _ scripts: [Script]) throws {
        precondition(!scripts.isEmpty, "there must be a script")
        self.scripts = scripts
        let (listener, own) = try ProxySocket.listenOnLoopback(port: port ?? NATSServerPorts.draw().client)
        self.port = own
        queue.async { [weak self] in
            var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            // In short turns, as nothing wakes the poll when the server is to stop.
            while let self, !self.state.withLock({ $0.isStopping }) {
                guard poll(&entry, 1, 20) > 0 else { continue }
                while let descriptor = ProxySocket.acceptClient(of: listener) { self.play(descriptor) }
            }
            close(listener)
        }
    }

    private func play(_ descriptor: Int32) {
        state.withLock { state in
            let connection = ScriptedNATSConnection(
                TestSocket(descriptor: descriptor), port: port, number: state.connections.count + 1)
            let script = scripts[min(state.connections.count, scripts.count - 1)]
            state.connections.append(connection)
            state.playing.append(
                Task {
                    do {
                        try await script(connection)
                    } catch {
                        // What fails because the test is over is no failure.
                        self.state.withLock { state in
                            if !state.isStopping, state.failure == nil { state.failure = error }
                        }
                    }
                    await connection.close()
                })
        }
    }

    /// Closes everything and waits for the ends of the scripts.
    ///
    /// - Throws: The first error that a script threw before.
    package func stop() async throws {
        let playing = state.withLock { state in
            state.isStopping = true
            return state.playing
        }
        for task in playing {
            task.cancel()
            await task.value
        }
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}

/// Runs `body` with a server that plays one script after the other, which is stopped afterwards.
///
/// - Throws: What a script threw while `body` ran, which is likely to be the reason, or what `body` throws.
package func withScriptedNATSServer<Value>(
    playing scripts: [ScriptedNATSServer.Script], _ body: (ScriptedNATSServer) async throws -> Value
) async throws -> Value {
    let server = try ScriptedNATSServer(scripts)
    do {
        let value = try await body(server)
        try await server.stop()
        return value
    } catch {
        try await server.stop()
        throw error
    }
}

/// Runs `body` with a server that plays one script for every connection, and is stopped afterwards.
package func withScriptedNATSServer<Value>(
    playing script: @escaping ScriptedNATSServer.Script, _ body: (ScriptedNATSServer) async throws -> Value
) async throws -> Value {
    try await withScriptedNATSServer(playing: [script], body)
}
