/// The name of a stream, `category-id`: the events of one aggregate.
///
/// The category is the part before the first `-`, the id the part after it. A name without `-` is all category. The
/// maximum length of a name is a limit of the log (``EventLogLimits/streamNameBytes``), checked when events are
/// appended.
///
/// Names are equal if their UTF-8 bytes are, as in the database, even if Unicode has two spellings of one text.
public struct StreamName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as it is stored.
    public let rawValue: String

    /// Creates a name from its stored form.
    @inlinable
    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// Creates the name of the stream of one aggregate of a category. `category` must not contain `-`: everything after
    /// the first one is the id.
    public init(category: String, id: some CustomStringConvertible) {
        self.init("\(category)-\(id)")
    }

    /// Creates a name from its stored form.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// The part before the first `-`, or the whole name.
    @inlinable
    public var category: String {
        guard let dash = rawValue.utf8.firstIndex(of: UInt8(ascii: "-")) else { return rawValue }
        return String(rawValue[..<dash])
    }

    /// The part after the first `-`; empty if there is none.
    @inlinable
    public var id: String {
        guard let dash = rawValue.utf8.firstIndex(of: UInt8(ascii: "-")) else { return "" }
        return String(rawValue[rawValue.utf8.index(after: dash)...])
    }

    /// The name as it is stored.
    public var description: String { rawValue }

    /// Whether two names have the same bytes.
    @inlinable
    public static func == (first: StreamName, second: StreamName) -> Bool {
        // Strings with the same bytes are equal, and most strings with different bytes are unequal as text.
        first.rawValue == second.rawValue && first.rawValue.utf8.elementsEqual(second.rawValue.utf8)
    }
}
