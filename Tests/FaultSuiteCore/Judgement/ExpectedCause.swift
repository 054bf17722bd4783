/// What an error says that comes from a fault.
enum ExpectedCause: Hashable, Sendable {
    /// A connection is cut or its session is terminated.
    case connectionLost
    /// The server shuts down, starts, or recovers.
    case serverAway
    /// There is no room on the disk.
    case diskFull
    /// A commit whose answer was lost.
    case commitUnknown
    /// A transaction of a suspended node was ended by its time limit.
    case idleTransaction
    /// A node is drained while it connects or asks.
    case drained
    /// A build that cannot fold an event.
    case refusal

    static let ofConnections: [Self] = [.connectionLost, .commitUnknown]
    static let ofServer: [Self] = [.serverAway, .diskFull]

    func matches(_ error: String) -> Bool { texts.contains { error.contains($0) } }

    private var texts: [String] {
        switch self {
        case .connectionLost: ["connection lost", "(57P01)"]
        case .serverAway: ["connection failed", "(57P02)", "(57P03)"]
        case .diskFull: ["(53100)"]
        case .commitUnknown: ["commit outcome unknown"]
        case .idleTransaction: ["(25P03)"]
        case .drained: ["cancelled: "]
        case .refusal: [Choosy.Refusal().description]
        }
    }
}
