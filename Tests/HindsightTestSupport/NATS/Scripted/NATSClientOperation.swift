/// What a client says to a server.
package enum NATSClientOperation: Hashable, Sendable {
    /// `CONNECT`, with its JSON.
    case connect(String)
    case ping
    case pong
    case subscribe(String, queue: String?, sid: String)
    case unsubscribe(sid: String, after: Int?)
    /// `PUB` or `HPUB`. The headers are the whole block.
    case publish(String, reply: String?, headers: String?, payload: String)
}
