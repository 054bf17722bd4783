public import HindsightPostgres
public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A type that a column of a view can have: a single value per row, not a list, since rows are sent as one array per
/// column.
public protocol ViewValue: PostgresEncodable, PostgresDecodable, Hashable {
    /// True for optionals: the column may be null.
    static var isNullable: Bool { get }
    /// True if the database also considers the values equal. Strings are the same if their bytes are; Swift's own
    /// comparison goes by the text, which Unicode can spell in several ways.
    func isSame(as other: Self) -> Bool
    /// The value as text, for CSV and tables; nil for null.
    var columnText: String? { get }
    /// The value from text, as typed in a query.
    init?(columnText text: String)
    /// The approximate number of bytes that the value takes outside of itself; a rebuild uses it to keep within its
    /// memory limit. Defaults to `0`.
    var heapByteCount: Int { get }
}

extension ViewValue {
    /// 0.
    @inlinable public var heapByteCount: Int { 0 }
    /// False; only an optional is nullable.
    @inlinable public static var isNullable: Bool { false }
    /// Whether the values are equal.
    @inlinable
    public func isSame(as other: Self) -> Bool { self == other }
}

extension ViewValue where Self: LosslessStringConvertible {
    /// The value's description.
    public var columnText: String? { description }
    /// The value that has this description.
    public init?(columnText text: String) { self.init(text) }
}

extension Bool: ViewValue {}
extension Int16: ViewValue {}
extension Int32: ViewValue {}
extension Int64: ViewValue {}
extension Int: ViewValue {}
extension Float: ViewValue {}
extension Double: ViewValue {}
extension Timestamp: ViewValue {}
extension Day: ViewValue {}
extension ExactDecimal: ViewValue {}

extension String: ViewValue {
    /// Whether the strings have the same bytes.
    @inlinable
    public func isSame(as other: String) -> Bool {
        // The same two words are the same string; this settles the comparison of short strings. Equal bytes are equal
        // text, and most strings that differ differ as text.
        let (own, others) = (
            unsafeBitCast(self, to: (UInt64, UInt64).self), unsafeBitCast(other, to: (UInt64, UInt64).self)
        )
        return own == others || self == other && utf8.elementsEqual(other.utf8)
    }

    /// A string of up to 15 bytes is stored inline; a longer one is an object.
    @inlinable public var heapByteCount: Int { utf8.count > 15 ? utf8.count + 48 : 0 }
}

extension UUID: ViewValue {
    /// In lower case, as PostgreSQL prints it.
    public var columnText: String? { uuidString.lowercased() }
    /// The UUID in a string.
    public init?(columnText text: String) { self.init(uuidString: text) }
}

extension PostgresJSON: ViewValue {
    /// The text, in an object.
    public var heapByteCount: Int { bytes.count + 48 }
    /// The JSON text.
    public var columnText: String? { String(decoding: bytes, as: UTF8.self) }
    /// Itself.
    public init?(columnText text: String) { self.init(text) }
}

extension PostgresJSONB: ViewValue {
    /// The text, in an object.
    public var heapByteCount: Int { text.heapByteCount }
    /// The JSON text.
    public var columnText: String? { text }
    /// Itself.
    public init?(columnText text: String) { self.init(text) }
}

/// Bytes are a `bytea`.
extension Array: ViewValue where Element == UInt8 {
    /// The bytes, in an object.
    public var heapByteCount: Int { count + 48 }
    /// `\x` and two digits for each byte, as PostgreSQL prints it.
    public var columnText: String? {
        let digits = Swift.Array("0123456789abcdef".utf8)
        var text: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        for byte in self { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `\x` and two digits for each byte stand for.
    public init?(columnText text: String) {
        guard text.hasPrefix("\\x") else { return nil }
        let nibbles = text.utf8.dropFirst(2).map { Character(UnicodeScalar($0)).hexDigitValue }
        guard nibbles.count.isMultiple(of: 2) else { return nil }
        self = []
        for index in stride(from: 0, to: nibbles.count, by: 2) {
            guard let high = nibbles[index], let low = nibbles[index + 1] else { return nil }
            append(UInt8(high << 4 | low))
        }
    }
}

extension Optional: ViewValue where Wrapped: ViewValue {
    /// True.
    @inlinable public static var isNullable: Bool { true }
    /// The wrapped value's.
    @inlinable public var heapByteCount: Int { self?.heapByteCount ?? 0 }
    /// The wrapped value's text.
    public var columnText: String? { self?.columnText ?? nil }
    /// The wrapped value in the text.
    public init?(columnText text: String) {
        guard let value = Wrapped(columnText: text) else { return nil }
        self = .some(value)
    }
}
