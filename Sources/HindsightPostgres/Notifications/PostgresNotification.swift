/// A notification that was sent with `NOTIFY`.
public struct PostgresNotification: Sendable, Hashable {
    /// The channel on which it was sent.
    public let channel: String
    /// The payload, empty if there was none.
    public let payload: String
    /// The server's process id for the sending connection.
    public let processID: Int32

    /// Creates a notification.
    public init(channel: String, payload: String, processID: Int32) {
        self.channel = channel
        self.payload = payload
        self.processID = processID
    }
}
