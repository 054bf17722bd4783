public import HindsightValues

/// Why a view cannot be read as fresh as it was asked for.
public struct FreshReadError: RetriableError, Hashable, Sendable, CustomStringConvertible {
    /// The kind of a ``FreshReadError``. New kinds may be added.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The projection has not come to the position in time.
        public static let timedOut = Code("timedOut")
        /// The projection has stopped at an event before the position.
        public static let stopped = Code("stopped")
        /// The key that was asked for is parked at an event up to the position: its row does not change until somebody retries it.
        public static let parked = Code("parked")
        /// No process has worked on the projection for longer than a lease.
        public static let notWorkedOn = Code("notWorkedOn")
        /// No projection of this name shows rows.
        public static let notShown = Code("notShown")
    }

    /// What is wrong.
    public let code: Code
    /// The projection's name.
    public let projection: String
    /// The position that was asked for.
    public let requested: Int64
    /// Where the projection stood at the last look; nil if nothing is known of it.
    public let position: Int64?
    /// What is wrong, how far behind the projection is, and what to do about it.
    public let description: String

    /// True unless somebody has to act first: on a stopped projection, or a name that nothing shows.
    public var isRetriable: Bool { code == .timedOut || code == .notWorkedOn }
}
