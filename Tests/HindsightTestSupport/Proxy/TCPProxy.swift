import Dispatch
import Synchronization

/// A proxy in front of any server on the loopback interface, which can cut connections, refuse them, or fall silent.
///
/// It has one thread. When this value goes away, so does the proxy.
package final class TCPProxy: Sendable {
    /// The port to connect to.
    package let port: Int
    private let control: ProxyControl
    private let queue = DispatchQueue(label: "hindsight.tcp-proxy")

    /// Starts a proxy.
    ///
    /// - Parameters:
    ///   - port: Where the server listens. It need not be there yet.
    ///   - seed: Chooses the connections and the places.
    ///   - policy: What is cut; of its kinds only ``CutKind/bytes`` and ``CutKind/onDemand`` have a meaning. Defaults to nothing.
    package init(to port: Int, seed: UInt64 = 1, cutting policy: CutPolicy = .none) throws {
        control = try ProxyControl(policy, seed: seed)
        let (listener, own) = try ProxySocket.listenOnLoopback()
        self.port = own
        queue.async { [control] in
            var loop = ProxyLoop(control, listener: listener, server: .loopback(port: port))
            loop.run()
        }
    }

    deinit { control.change { $0.isStopping = true } }

    /// Runs `body` with a proxy, which is stopped afterwards.
    package static func with<Value>(
        to port: Int, seed: UInt64 = 1, cutting policy: CutPolicy = .none,
        _ body: (TCPProxy) async throws -> Value
    ) async throws -> Value {
        let proxy = try TCPProxy(to: port, seed: seed, cutting: policy)
        do {
            let value = try await body(proxy)
            await proxy.stop()
            return value
        } catch {
            await proxy.stop()
            throw error
        }
    }

    /// How many connections there have been.
    package var connectionCount: Int { control.state.withLock { $0.connectionCount } }
    /// How many connections there are.
    package var openCount: Int { control.state.withLock { $0.openCount } }

    /// Changes what is cut on new connections.
    package func setPolicy(_ policy: CutPolicy) { control.change { $0.policy = policy } }

    /// Cuts all connections that are open now, in the way of the policy when they came. New ones pass.
    package func cutAll() { control.change { $0.isCuttingAll = true } }

    /// Cuts all connections, and closes new ones at once, until ``mend()``: as if nobody was there.
    package func refuse() {
        control.change {
            $0.isCuttingAll = true
            $0.isRefusing = true
        }
    }

    /// Lets nothing pass and closes nothing, until ``mend()``: as if the cable was pulled. Then all goes on where it stood.
    package func silence() { control.change { $0.isSilent = true } }

    /// Lets everything pass again.
    package func mend() {
        control.change {
            $0.isRefusing = false
            $0.isSilent = false
        }
    }

    /// Closes all connections and ends the proxy; it returns when nothing of it is left.
    package func stop() async {
        control.change { $0.isStopping = true }
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}
