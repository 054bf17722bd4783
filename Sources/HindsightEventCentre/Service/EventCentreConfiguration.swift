/// Where a centre listens, and how much it takes on at once.
public struct EventCentreConfiguration: Sendable {
    /// What its subjects begin with: one or more tokens. All nodes and clients of a centre have the same. Defaults to `centre`.
    public var prefix = "centre"
    /// The queue group of its nodes: one of them gets each request. Defaults to `centre`.
    public var queue = "centre"
    /// The bytes of the largest request. Defaults to 256 KiB.
    public var requestBytes = 256 << 10
    /// How many commands a node works on at once, 1 or more. Defaults to `16`.
    public var commandsInFlight = 16
    /// How many queries, and questions for states, a node works on at once, 1 or more each. Defaults to `32`.
    public var queriesInFlight = 32
    /// How many bytes of requests wait for their turn, for each kind; one counts as 512 bytes at least. What comes beyond is dropped, so
    /// that whoever sent it asks again. Defaults to 8 MiB.
    public var waitingBytes = 8 << 20
    /// How long errors that may pass by themselves, such as a lost connection to the database, are waited for before the request
    /// is answered with one. Defaults to 3 seconds.
    public var patience = Duration.seconds(3)
    /// How long a command's handler may take to decide it, the reading of its stream included. Then the handler is cancelled, and the
    /// command is answered with `handlerTimedOut`. Of handlers that do not end then, a node bears as many as it works on commands at once;
    /// after that it answers `unavailable` until one returns. Shorter than `EventCentreClient.answerTime` of those who ask: otherwise they
    /// have no answer, and ask again. Defaults to 4 seconds.
    public var handlerTime = Duration.seconds(4)
    /// After how long a command that was decided and has not ended is taken to its end by any node: the one that was at work on it has died,
    /// or cannot reach the log. Defaults to 30 seconds.
    public var abandonedAfter = Duration.seconds(30)
    /// For how long receipts are kept after their commands have ended, a minute at least; `nil` for ever. One that is handed in later is decided
    /// anew, and appends nothing that it has appended before. Receipts of tasks are kept for ever: they say that an event is done. Only
    /// nodes that have an age remove receipts. Defaults to `nil`.
    public var receiptRetention: Duration?
    /// How often a command is decided anew while others append to its stream, 1 or more. Defaults to `20`.
    public var maximumDecisions = 20

    /// What a request counts as that waits, if it is smaller.
    static let leastRequestBytes = 512

    /// The defaults.
    public init() {}
}
