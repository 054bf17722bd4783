import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The work of a proxy's thread, which alone uses it.
struct ProxyLoop {
    private let control: ProxyControl
    private let listener: Int32
    private let server: ProxyTarget
    private var connections: [ProxiedConnection] = []

    init(_ control: ProxyControl, listener: Int32, server: ProxyTarget) {
        self.control = control
        self.listener = listener
        self.server = server
    }

    /// Passes on until the proxy is stopped, then closes everything.
    mutating func run() {
        while !control.state.withLock({ $0.isStopping }) {
            let isSilent = control.state.withLock { $0.isSilent }
            var polled = [
                pollfd(fd: control.wakeDescriptor, events: Int16(POLLIN), revents: 0),
                // Who connects now is kept waiting by the system.
                pollfd(fd: isSilent ? -1 : listener, events: Int16(POLLIN), revents: 0),
            ]
            for connection in connections {
                polled += connection.polled.map { isSilent ? pollfd(fd: -1, events: 0, revents: 0) : $0 }
            }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 { control.drain() }
            obey()
            for (index, connection) in connections.enumerated() {
                let (client, server) = (polled[2 + 2 * index].revents, polled[3 + 2 * index].revents)
                guard client != 0 || server != 0, connection.isOpen else { continue }
                let cut = connection.read(
                    clientIsReady: client != 0, serverIsReady: server != 0, isArmed: control.isArmed)
                // Counted before the client can know of it.
                note(cut)
                connection.flush()
            }
            connections.removeAll { !$0.isOpen }
            if polled[1].revents != 0 { acceptClients() }
            control.state.withLock { $0.openCount = connections.count }
        }
        connections.removeAll()
        close(listener)
    }

    private func obey() {
        let cutsAll = control.state.withLock { state in
            defer { state.isCuttingAll = false }
            return state.isCuttingAll
        }
        guard cutsAll else { return }
        for connection in connections where connection.prepareCut() {
            note(.onDemand)
            connection.flush()
        }
    }

    private func note(_ cut: CutKind?) {
        guard let cut else { return }
        control.state.withLock { $0.cuts[cut, default: 0] += 1 }
    }

    private mutating func acceptClients() {
        while let client = ProxySocket.acceptClient(of: listener) {
            guard !control.state.withLock({ $0.isRefusing }), let server = server.connect() else {
                close(client)
                continue
            }
            let (plan, way) = control.state.withLock { state in
                state.connectionCount += 1
                return (state.policy.plan(using: &state.generator), state.policy.way)
            }
            connections.append(
                ProxiedConnection(
                    client: client, server: server, plan: plan, way: way, isPostgres: self.server.isPostgres))
        }
    }
}
