import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A proxy in front of a test server that cuts connections where it hurts: amid copy data, before a commit, between a
/// commit and its answer.
///
/// ```swift
/// let proxy = try CuttingProxy.start(inFrontOf: conninfo, seed: 1, cutting: CutPolicy([.copyData, .afterCommit]))
/// // … connect to proxy.conninfo …
/// await proxy.stop()
/// ```
///
/// It has one thread, and as much memory as a few messages of each connection take. Where the connections of a test come
/// in the same order, the same seed makes the same cuts. When this value goes away, so does the proxy.
package final class CuttingProxy: Sendable {
    /// How clients reach the proxy.
    package enum Place: Sendable {
        /// By a Unix socket in a folder of its own.
        case unixSocket
        /// By a Unix socket in a folder of its own in this one, which whoever made that removes with it.
        case unixSocketIn(String)
        /// By TCP on 127.0.0.1, without encryption, where a connection can be reset.
        case loopback
    }

    /// `conninfo` names no folder of a Unix socket that can be read without knowing all of libpq's rules.
    package struct UnreadableConninfo: Error {}

    /// The libpq conninfo string to connect to: the server's, by way of the proxy.
    package let conninfo: String
    private let control: ProxyControl
    private let queue: DispatchQueue

    private init(conninfo: String, control: ProxyControl, queue: DispatchQueue) {
        self.conninfo = conninfo
        self.control = control
        self.queue = queue
    }

    deinit { control.change { $0.isStopping = true } }

    /// Starts a proxy.
    ///
    /// - Parameters:
    ///   - conninfo: A server on a Unix socket, as the test clusters give it: `host=/folder port=5432 …`, without quotes.
    ///   - seed: Chooses the connections and the places.
    ///   - policy: What is cut. Defaults to nothing.
    ///   - place: How clients reach the proxy. Defaults to a Unix socket.
    package static func start(
        inFrontOf conninfo: String, seed: UInt64, cutting policy: CutPolicy = .none, at place: Place = .unixSocket
    ) throws -> CuttingProxy {
        let control = try ProxyControl(policy, seed: seed)
        let server = try socketPath(in: conninfo)
        let (listener, address, folder) = try listen(at: place)
        let queue = DispatchQueue(label: "hindsight.cutting-proxy")
        queue.async {
            var loop = ProxyLoop(control, listener: listener, server: .postgres(path: server))
            loop.run()
            if let folder { remove(folder) }
        }
        return CuttingProxy(conninfo: "\(conninfo) \(address)", control: control, queue: queue)
    }

    /// Runs `body` with a proxy, which is stopped afterwards.
    package static func with<Value>(
        inFrontOf conninfo: String, seed: UInt64, cutting policy: CutPolicy = .none, at place: Place = .unixSocket,
        _ body: (CuttingProxy) async throws -> Value
    ) async throws -> Value {
        let proxy = try start(inFrontOf: conninfo, seed: seed, cutting: policy, at: place)
        do {
            let value = try await body(proxy)
            await proxy.stop()
            return value
        } catch {
            await proxy.stop()
            throw error
        }
    }

    /// How many cuts there have been of each kind.
    package var cuts: [CutKind: Int] { control.state.withLock { $0.cuts } }
    /// How many cuts there have been.
    package var cutCount: Int { cuts.values.reduce(0, +) }
    /// How many connections there have been.
    package var connectionCount: Int { control.state.withLock { $0.connectionCount } }
    /// How many connections there are.
    package var openCount: Int { control.state.withLock { $0.openCount } }

    /// Changes what is cut. Connections that are open keep the place that was drawn for them; ``CutPolicy/none`` spares
    /// them too, until another policy is set.
    package func setPolicy(_ policy: CutPolicy) { control.change { $0.policy = policy } }

    /// Cuts all connections that are open now, in the way that was the policy's when they came.
    package func cutAll() { control.change { $0.isCuttingAll = true } }

    /// Closes all connections and ends the proxy; it returns when nothing of it is left.
    package func stop() async {
        control.change { $0.isStopping = true }
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    private static func listen(at place: Place) throws -> (listener: Int32, address: String, folder: String?) {
        switch place {
        case .unixSocket: return try listen(in: "/tmp/hindsight-proxy-\(randomName())")
        case .unixSocketIn(let root): return try listen(in: "\(root)/proxy-\(randomName())")
        case .loopback:
            let (listener, port) = try ProxySocket.listenOnLoopback()
            return (listener, "host=127.0.0.1 port=\(port) sslmode=disable gssencmode=disable", nil)
        }
    }

    private static func listen(in folder: String) throws -> (listener: Int32, address: String, folder: String?) {
        guard mkdir(folder, 0o700) == 0 else { throw ProxySocket.Failure("mkdir") }
        return (try ProxySocket.listen(atPath: "\(folder)/\(socketName)"), "host=\(folder) port=5432", folder)
    }

    private static func randomName() -> String { String(UInt64.random(in: 0 ... .max), radix: 16) }

    private static let socketName = ".s.PGSQL.5432"

    private static func remove(_ folder: String) {
        unlink("\(folder)/\(socketName)")
        rmdir(folder)
    }

    private static func socketPath(in conninfo: String) throws -> String {
        let pairs = conninfo.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1) }
        func value(_ keyword: String) -> Substring? { pairs.last { $0.first == keyword[...] }?.last }
        guard let host = value("host"), host.hasPrefix("/"), let port = value("port") else {
            throw UnreadableConninfo()
        }
        return "\(host)/.s.PGSQL.\(port)"
    }
}
