#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A client, its server, and what is on its way between them. It is used on the proxy's thread only.
final class ProxiedConnection {
    private enum State {
        case passing
        /// What came before the cut is still on its way.
        case cutting
        /// Half closed: the client's bytes are taken and dropped.
        case dropping
        case ended
    }

    private let client: Int32
    private let server: Int32
    private var toClient: [UInt8] = []
    private var toServer: [UInt8] = []
    private var cutter: ConnectionCutter
    private let way: CutWay
    private var state = State.passing

    init(client: Int32, server: Int32, plan: CutPlan?, way: CutWay, isPostgres: Bool) {
        self.client = client
        self.server = server
        self.way = way
        cutter = ConnectionCutter(plan, isPostgres: isPostgres)
    }

    deinit { end() }

    var isOpen: Bool { state != .ended }

    /// What to poll for: the client and the server. Nothing is read before what was read has been sent, which bounds the memory.
    var polled: [pollfd] {
        switch state {
        case .passing: [entry(client, toServer.isEmpty, toClient), entry(server, toClient.isEmpty, toServer)]
        case .cutting: [entry(client, false, toClient), entry(server, false, toServer)]
        case .dropping: [entry(client, true, []), pollfd(fd: -1, events: 0, revents: 0)]
        case .ended: []
        }
    }

    private func entry(_ descriptor: Int32, _ reads: Bool, _ unsent: [UInt8]) -> pollfd {
        let events = (reads ? Int16(POLLIN) : 0) | (unsent.isEmpty ? 0 : Int16(POLLOUT))
        // A side that nothing is wanted of would report its end again and again.
        return pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0)
    }

    /// Reads from the sides that are ready. Returns the cut that follows, which ``flush()`` makes.
    func read(clientIsReady: Bool, serverIsReady: Bool, isArmed: Bool) -> CutKind? {
        switch state {
        case .passing:
            var cut: CutKind?
            if clientIsReady, toServer.isEmpty { cut = pass(from: .client, isArmed) }
            if cut == nil, isOpen, serverIsReady, toClient.isEmpty { cut = pass(from: .server, isArmed) }
            if cut != nil { state = .cutting }
            return cut
        case .dropping:
            if ProxySocket.receive(client) == nil { end() }
            return nil
        case .cutting, .ended:
            return nil
        }
    }

    /// Has the next ``flush()`` cut at once. Returns whether there is something to cut.
    func prepareCut() -> Bool {
        guard state == .passing else { return false }
        state = .cutting
        (toClient, toServer) = ([], [])
        return true
    }

    private func pass(from side: ConnectionCutter.Side, _ isArmed: Bool) -> CutKind? {
        guard let bytes = ProxySocket.receive(side == .client ? client : server) else {
            end()
            return nil
        }
        let verdict = cutter.judge(bytes, from: side, isArmed: isArmed)
        switch side {
        case .client: toServer += verdict.passed
        case .server: toClient += verdict.passed
        }
        return verdict.cut
    }

    /// Sends what can be sent, and makes the cut when all before it has been.
    func flush() {
        guard isOpen, state != .dropping else { return }
        let clientIsThere = toClient.isEmpty || ProxySocket.send(&toClient, to: client)
        let serverIsThere = toServer.isEmpty || ProxySocket.send(&toServer, to: server)
        if !clientIsThere || !serverIsThere { return end() }
        if state == .cutting, toClient.isEmpty, toServer.isEmpty { makeCut() }
    }

    private func makeCut() {
        switch way {
        case .close:
            end()
        case .reset:
            ProxySocket.makeCloseAReset(client)
            end()
        case .halfClose:
            ProxySocket.endSending(client)
            close(server)
            state = .dropping
        }
    }

    private func end() {
        switch state {
        case .ended: return
        case .dropping: break
        case .passing, .cutting: close(server)
        }
        close(client)
        state = .ended
    }
}
