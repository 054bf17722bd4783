/// The server behind a proxy.
enum ProxyTarget {
    /// PostgreSQL on a Unix socket.
    case postgres(path: String)
    /// Any server at a port of the loopback interface.
    case loopback(port: Int)

    /// Whether the proxy understands what passes.
    var isPostgres: Bool {
        switch self {
        case .postgres: true
        case .loopback: false
        }
    }

    /// Connects to the server; nil if it is not there.
    func connect() -> Int32? {
        switch self {
        case .postgres(let path): ProxySocket.connect(toPath: path)
        case .loopback(let port): ProxySocket.connect(toLoopbackPort: port)
        }
    }
}
