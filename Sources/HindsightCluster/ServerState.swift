/// Whether the server of a cluster runs, as seen from outside.
package enum ServerState: Equatable {
    /// No server runs; files of a killed one may be left.
    case stopped
    /// A server is starting or recovering.
    case starting
    /// A server accepts connections at this place.
    case ready(socketFolder: String, port: Int)
    /// A server is shutting down.
    case stopping

    /// Decides from the server's file and from whether that server is alive.
    package init(_ file: PostmasterFile?, isAlive: Bool) {
        guard let file, isAlive else {
            self = .stopped
            return
        }
        switch file.status {
        case .starting: self = .starting
        case .ready, .standby: self = .ready(socketFolder: file.socketFolder, port: file.port)
        case .stopping: self = .stopping
        }
    }
}
