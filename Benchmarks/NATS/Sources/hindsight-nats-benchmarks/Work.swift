import ArgumentParser

/// What a client does while it is measured. The program for libnats knows the first ones by the same names.
enum Work: String, ExpressibleByArgument {
    /// Publishes messages and receives them, over one connection.
    case core
    /// Reads the messages of a stream in order, from its beginning.
    case replay
    /// ``replay`` with a look at the three headers of each message.
    case replayWithHeaders = "replay-headers"
    /// ``replay`` by pulls of 5,000. libnats only, whose ordered consumer is pushed to.
    case replayByPulls = "replay-pull"
    /// One request after the other, answered by another connection of the same process.
    case request
    /// Acknowledged publishes, 32 at a time, each waited for.
    case publish
    /// Acknowledged publishes with a window of 32. libnats only.
    case publishInWindow = "publish-window"

    /// ``replay``, five times one after the other.
    case replayFiveTimes = "replay-five-times"
    /// ``request`` on the threads of the connections.
    case requestOnEventLoop = "request-on-event-loop"
    /// Single events to streams that the log knows already, 32 at a time.
    case append
    /// Single events, each to a new stream, 32 at a time.
    case appendToNewStreams = "append-new"

    /// What each message carries.
    static let payload = [UInt8](repeating: UInt8(ascii: "x"), count: 128)
    /// How many publishes or appends are made at a time.
    static let concurrency = 32
    /// The stream that is replayed, and the one that is published to.
    static let (replayed, published) = ("REPLAY", "PUBLISH")
}
