/// The name of a table, column, schema, channel or other object, quoted wherever it goes into SQL.
///
/// ```swift
/// let table = PostgresIdentifier(schema: "sales", "Order")
/// try session.execute("truncate \(identifier: table)")   // truncate "sales"."Order"
/// ```
public struct PostgresIdentifier: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// How many bytes of a name the server keeps; it truncates longer names.
    public static let maximumByteCount = 63

    /// The name of the schema, if one is given.
    public let schema: String?
    /// The name.
    public let name: String

    /// An identifier from a trusted name. For names from outside use ``init(validating:)``.
    public init(_ name: String) {
        self.schema = nil
        self.name = name
    }

    /// A name inside a schema.
    public init(schema: PostgresIdentifier, _ name: String) {
        self.schema = schema.name
        self.name = name
    }

    /// A name inside a schema.
    public init(schema: PostgresIdentifier, _ name: PostgresIdentifier) {
        self.init(schema: schema, name.name)
    }

    /// An identifier from a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// An identifier from a name that comes from outside.
    ///
    /// - Throws: ``PostgresError`` with code `misuse` if the name is empty, holds a NUL or is longer than 63 bytes.
    public init(validating name: String) throws {
        guard !name.isEmpty else {
            throw PostgresError(.misuse, "an identifier cannot be empty")
        }
        guard !name.utf8.contains(0) else {
            throw PostgresError(.misuse, "an identifier cannot hold a NUL character")
        }
        guard name.utf8.count <= Self.maximumByteCount else {
            throw PostgresError(.misuse, "an identifier has at most \(Self.maximumByteCount) bytes: \(name)")
        }
        self.init(name)
    }

    /// The identifier in double quotes, with its schema.
    public var quoted: String {
        guard let schema else { return Self.quote(name) }
        return Self.quote(schema) + "." + Self.quote(name)
    }

    /// The same as ``quoted``.
    public var description: String { quoted }

    private static func quote(_ name: String) -> String {
        var text = "\""
        for character in name.unicodeScalars {
            if character == "\"" {
                text += "\""
            }
            text.unicodeScalars.append(character)
        }
        return text + "\""
    }
}
