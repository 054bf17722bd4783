/// The name of a stream, `category-id`: the events of one aggregate.
///
/// The category is what stands before the first `-`, the id what stands after it. A name without `-` is all category.
/// How long a name may be is a limit of the log (``EventLogLimits/streamNameBytes``), checked when events are appended.
///
/// Names are equal when their bytes in UTF-8 are, as in the database, also where Unicode has two spellings of one text.
public struct StreamName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as it is stored.
    public let rawValue: String

    /// A name as it is stored.
    @inlinable
    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// The stream of one aggregate of a category. `category` must not contain `-`: what follows the first one is the id.
    public init(category: String, id: some CustomStringConvertible) {
        self.init("\(category)-\(id)")
    }

    /// A name as it is stored.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// What stands before the first `-`, or the whole name.
    @inlinable
    public var category: String {
        guard let dash = rawValue.utf8.firstIndex(of: UInt8(ascii: "-")) else { return rawValue }
        return String(rawValue[..<dash])
    }

    /// What stands after the first `-`; empty if there is none.
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
        // Strings of the same bytes are equal, and most that are not are of unequal text.
        first.rawValue == second.rawValue && first.rawValue.utf8.elementsEqual(second.rawValue.utf8)
    }
}
