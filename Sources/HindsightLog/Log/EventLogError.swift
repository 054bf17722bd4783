public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An error of an event log: something that it refuses or cannot do.
///
/// Errors of a log's transport or database arrive unchanged, as a ``RetriableError`` if they may be transient.
public struct EventLogError: RetriableError, Sendable {
    /// The kind of an ``EventLogError``.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The stream is not at the expected version; nothing was appended. ``EventLogError/actualVersion`` has its
        /// version.
        public static let conflict = Code("conflict")
        /// Ids of the append are already stored, but not as exactly this append; nothing was appended.
        public static let knownEvents = Code("knownEvents")
        /// The append is malformed or exceeds a limit, the program's or the log's own; nothing was appended.
        public static let invalidAppend = Code("invalidAppend")
        /// An offset's anchor is not the log's event at that position, or the log ends below it: the log was rewound,
        /// restored or replaced.
        public static let anchorMismatch = Code("anchorMismatch")
        /// The log cannot be used: it is not migrated, or its sequence is behind its events.
        public static let unusableLog = Code("unusableLog")
        /// Another append got in between; the same append can be retried.
        public static let contention = Code("contention")
        /// The log cannot be reached at the moment; ``EventLogError/underlying`` says why. The same call can be
        /// retried.
        public static let unavailable = Code("unavailable")
        /// This kind of log lacks the ability that was asked for (``LogAbilities``).
        public static let unsupported = Code("unsupported")
        /// The caller lacks the permission: a role that only appends cannot read. ``EventLogError/underlying`` has the
        /// server's error.
        public static let notPermitted = Code("notPermitted")
    }

    /// What went wrong.
    public var code: Code
    /// A description of what went wrong, with the relevant values. It holds no event data.
    public var message: String
    /// The stream that the error concerns, if any.
    public var stream: StreamName?
    /// For a conflict, what was expected.
    public var expected: ExpectedVersion?
    /// For a conflict, the version of the stream's last event, or -1 if there is no such stream.
    public var actualVersion: Int64?
    /// For known events, their ids.
    public var eventIDs: [UUID] = []

    /// Of known events those that the log has compared with the append's, if it has: for most logs a look of their own is needed.
    package var compared: [ComparedEvent] = []

    /// The error behind this one, if there is one.
    public var underlying: (any Error)?

    /// True if the same call may succeed when it is repeated unchanged.
    public var isRetriable: Bool { code == .contention || code == .unavailable }

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: the kind of error.
    ///   - message: what went wrong, with the relevant values, and what to do about it; no event data.
    ///   - stream: the stream that it concerns. Defaults to none.
    ///   - underlying: the error behind it. Defaults to none.
    public init(_ code: Code, _ message: String, stream: StreamName? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.stream = stream
        self.underlying = underlying
    }

    /// The error of an append to a stream that is not at the expected version.
    ///
    /// - Parameter actual: the version of the stream's last event, -1 if there is no such stream.
    public static func conflict(stream: StreamName, expected: ExpectedVersion, actual: Int64) -> EventLogError {
        let found = actual < 0 ? "there is no such stream" : "its last event has version \(actual)"
        var error = EventLogError(
            .conflict, "stream \"\(stream)\" was expected at \(expected.inWords), but \(found)", stream: stream)
        error.expected = expected
        error.actualVersion = actual
        return error
    }

    /// The error of a reader whose offset does not fit the log.
    ///
    /// - Parameters:
    ///   - offset: where the reader stands.
    ///   - found: the id of the event at that position; nil if there is none.
    ///   - log: a description of the log that follows the words "the log".
    public static func anchorMismatch(_ offset: Offset, found: UUID?, log: String) -> EventLogError {
        let there = found.map { "event \($0.uuidString.lowercased())" } ?? "no event"
        let before = offset.anchor.map { "event \($0.uuidString.lowercased())" } ?? "an event"
        return EventLogError(
            .anchorMismatch,
            """
            the log \(log) holds \(there) at position \(offset.position), where \(before) was read before: the log was rewound, \
            restored or replaced. Restore the log, or reset the reader to fold it from the beginning
            """)
    }

    /// The error of an append of which some events are already stored, but not as exactly this append.
    public static func knownEvents(_ ids: [UUID], stream: StreamName) -> EventLogError {
        let listed = ids.prefix(5).map { $0.uuidString.lowercased() }.joined(separator: ", ")
        let more = ids.count > 5 ? " and \(ids.count - 5) more" : ""
        var error = EventLogError(
            .knownEvents,
            "events are stored already, with other content or without the rest of this append: \(listed)\(more)",
            stream: stream)
        error.eventIDs = ids
        return error
    }
}

extension EventLogError: Hashable {
    /// Whether two errors are equal, ignoring their underlying errors.
    public static func == (left: EventLogError, right: EventLogError) -> Bool {
        left.code == right.code && left.message == right.message && left.stream == right.stream
            && left.expected == right.expected && left.actualVersion == right.actualVersion
            && left.eventIDs == right.eventIDs
    }

    /// Hashes the error without its underlying error.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
    }
}

extension EventLogError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}

extension ExpectedVersion {
    fileprivate var inWords: String {
        switch self {
        case .any: "any version"
        case .noStream: "no stream"
        case .exists: "an existing stream"
        case .exact(let version): "version \(version)"
        }
    }
}
