/// Something with a socket that a ``ConnectionThread`` watches while it has no work.
protocol SocketWatcher: AnyObject {
    /// The socket, or -1 while there is none.
    var socket: Int32 { get }
    /// Called on the thread when the socket can be read, or is broken.
    func socketIsReady()
    /// Called on the thread just before it ends.
    func threadEnds()
}
