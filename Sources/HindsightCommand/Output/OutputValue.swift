import HindsightJSON
public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A value of a result as JSON. Objects keep the order of their members.
public enum OutputValue: Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction, `null` if it is not finite.
    case number(Double)
    /// A string.
    case string(String)
    /// JSON text, unchanged.
    case json([UInt8])
    /// An array.
    case array([OutputValue])
    /// An object.
    case object(members: [(String, OutputValue)])

    /// An object.
    public static func object(_ members: KeyValuePairs<String, OutputValue>) -> OutputValue {
        .object(members: members.map { ($0.key, $0.value) })
    }

    /// A whole number.
    public init(_ value: some BinaryInteger) { self = .integer(Int64(clamping: value)) }
    /// A string, or `null`.
    public init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    /// A UUID as PostgreSQL prints it.
    public init(_ value: UUID) { self = .string(Self.text(value)) }
    /// An instant as RFC 3339 text.
    public init(_ value: Timestamp) { self = .string(value.description) }

    /// A UUID as PostgreSQL prints it.
    static func text(_ id: UUID) -> String { id.uuidString.lowercased() }

    /// Appends the value as JSON text.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let value): bytes += (value.isFinite ? String(value) : "null").utf8
        case .string(let value): JSONWriter.append(value, to: &bytes)
        case .json(let text): bytes += text
        case .array(let values): Self.append(values, between: "[]", to: &bytes) { $0.append(to: &$1) }
        case .object(let members):
            Self.append(members, between: "{}", to: &bytes) { member, bytes in
                JSONWriter.append(member.0, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.1.append(to: &bytes)
            }
        }
    }

    private static func append<Elements: Sequence>(
        _ elements: Elements, between brackets: String, to bytes: inout [UInt8],
        _ element: (Elements.Element, inout [UInt8]) -> Void
    ) {
        let brackets = Array(brackets.utf8)
        bytes.append(brackets[0])
        var isFirst = true
        for value in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            element(value, &bytes)
        }
        bytes.append(brackets[1])
    }
}
