public import HindsightValues

/// A message of a stream of JetStream that somebody else has filled.
public struct ForeignMessage: Hashable, Sendable {
    /// A header.
    public struct Header: Hashable, Sendable {
        /// Its name, as it was written.
        public var name: String
        /// Its value.
        public var value: String

        /// A header with this name and value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What it was published to.
    public var subject: String
    /// Its headers, in their order.
    public var headers: [Header]
    /// What it carries.
    public var data: [UInt8]
    /// Its place in the stream, from 1.
    public var sequence: Int64
    /// When the server stored it.
    public var storedAt: Timestamp

    /// A message, as for a test of a mapping.
    public init(subject: String, headers: [Header] = [], data: [UInt8], sequence: Int64, storedAt: Timestamp) {
        self.subject = subject
        self.headers = headers
        self.data = data
        self.sequence = sequence
        self.storedAt = storedAt
    }

    /// The value of the first header with this name, in upper or lower case; nil if there is none.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
