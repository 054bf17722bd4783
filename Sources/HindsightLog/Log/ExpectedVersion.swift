/// The state that a stream must have for an append to happen.
public enum ExpectedVersion: Hashable, Sendable {
    /// Any state: the events go to the end of the stream.
    case any
    /// The stream has no events yet.
    case noStream
    /// The stream has at least one event.
    case exists
    /// The version of the stream's last event is exactly this one, counted from 0.
    case exact(Int64)

    /// Whether a stream has this state whose last event has a version; -1 for one without events.
    package func isMet(by version: Int64) -> Bool {
        switch self {
        case .any: true
        case .noStream: version < 0
        case .exists: version >= 0
        case .exact(let expected): version == expected
        }
    }
}

extension ExpectedVersion: CustomStringConvertible {
    /// `any`, `no-stream`, `exists` or the version, as the command line takes it.
    public var description: String {
        switch self {
        case .any: "any"
        case .noStream: "no-stream"
        case .exists: "exists"
        case .exact(let version): "\(version)"
        }
    }

    /// Reads `any`, `no-stream`, `exists` or a version that is not negative.
    public init?(_ description: String) {
        switch description {
        case "any": self = .any
        case "no-stream": self = .noStream
        case "exists": self = .exists
        default:
            guard let version = Int64(description), version >= 0 else { return nil }
            self = .exact(version)
        }
    }
}
