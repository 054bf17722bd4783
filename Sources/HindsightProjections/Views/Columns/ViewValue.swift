public import HindsightPostgres
public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A type that a column of a view can have.
///
/// Numbers, strings, `Bool`, `UUID`, ``Day``, ``Timestamp``, ``ExactDecimal`` and bytes are such types, optionals of
/// them, and arrays of those that are `Codable`, which are stored as `jsonb`. Your own enums and wrappers need no more
/// than to say so, and nested values conform to ``ViewJSON``:
///
/// ```swift
/// enum Status: String, ViewValue { case open, paid, shipped }                 // text
/// struct CustomerID: RawRepresentable, ViewValue { var rawValue: Int64 }      // bigint
/// struct Address: ViewJSON { var street = "", city = "" }                     // jsonb
/// ```
public protocol ViewValue: PostgresEncodable, PostgresDecodable, Hashable {
    /// What is sent to the database and read from it. Only a type whose column differs from what
    /// `PostgresEncodable` says has a reason to replace it, such as an array, which is `jsonb` in a column.
    associatedtype ColumnForm: PostgresEncodable & PostgresDecodable = Self
    /// True for optionals: the column may be null.
    static var isNullable: Bool { get }
    /// The value as it is sent. Defaults to the value itself.
    var columnForm: ColumnForm { get }
    /// The value as it was read.
    init(columnForm: ColumnForm)
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
    /// How a column of the type is written and read. Made by default; there is no reason to replace it.
    static var columnCoder: ColumnCoder { get }
    /// The same for optional values.
    static var optionalColumnCoder: ColumnCoder { get }
}

extension ViewValue {
    /// 0.
    @inlinable public var heapByteCount: Int { 0 }
    /// False; only an optional is nullable.
    @inlinable public static var isNullable: Bool { false }
    /// Whether the values are equal.
    @inlinable
    public func isSame(as other: Self) -> Bool { self == other }
    /// A coder that is compiled for the type.
    @inlinable public static var columnCoder: ColumnCoder { ColumnCoder(StoredAccess<Self>()) { _ in } }
    /// A coder that is compiled for optionals of the type.
    @inlinable public static var optionalColumnCoder: ColumnCoder { ColumnCoder(StoredAccess<Self?>()) { _ in } }
}

extension ViewValue where ColumnForm == Self {
    /// The value itself.
    @inlinable public var columnForm: Self { self }
    /// The value itself.
    @inlinable
    public init(columnForm: Self) { self = columnForm }
}

extension ViewValue where Self: LosslessStringConvertible {
    /// The value's description.
    public var columnText: String? { description }
    /// The value that has this description.
    public init?(columnText text: String) { self.init(text) }
}

extension Bool: ViewValue {}
extension UInt8: ViewValue {}
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
