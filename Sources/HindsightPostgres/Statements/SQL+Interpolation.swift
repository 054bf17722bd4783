extension SQL: ExpressibleByStringInterpolation {
    /// A statement without parameters.
    public init(stringLiteral value: String) {
        self.init(unsafeSQL: value)
    }

    /// A statement from a literal with interpolations.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Collects the parts of a literal.
    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var sql: SQL

        /// Starts a literal.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(unsafeSQL: "")
        }

        /// Appends the literal's own text.
        public mutating func appendLiteral(_ literal: String) {
            sql.append(text: literal)
        }

        /// Binds a value as a parameter; `nil` is null. A value that cannot be encoded makes running the statement
        /// throw.
        public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T) {
            sql.bind(value)
        }

        /// Binds a value or null. Separate from the method above so that the compiler does not take an optional for a
        /// mistake.
        public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T?) {
            sql.bind(value)
        }

        /// Inserts a quoted name.
        public mutating func appendInterpolation(identifier: PostgresIdentifier) {
            sql.append(text: identifier.quoted)
        }

        /// Inserts another piece of SQL with its parameters.
        public mutating func appendInterpolation(sql other: SQL) {
            sql.append(other)
        }

        /// Inserts a string literal in quotes, for statements that take no parameters such as `COPY` and DDL.
        public mutating func appendInterpolation(literal: String) {
            sql.append(text: SQL.quote(literal: literal))
        }

        /// Inserts text as it is. Never use it with data from outside.
        public mutating func appendInterpolation(unsafeSQL text: String) {
            sql.append(text: text)
        }
    }

    /// A string literal in quotes, valid for any setting of `standard_conforming_strings`.
    static func quote(literal: String) -> String {
        var text = literal.unicodeScalars.contains("\\") ? " E'" : "'"
        for character in literal.unicodeScalars {
            if character == "'" || character == "\\" {
                text.unicodeScalars.append(character)
            }
            text.unicodeScalars.append(character)
        }
        return text + "'"
    }
}

extension Sequence where Element == SQL {
    /// The pieces joined by a separator, each with its parameters.
    public func joined(separator: SQL = ", ") -> SQL {
        var joined = SQL(unsafeSQL: "")
        for (index, piece) in self.enumerated() {
            if index > 0 {
                joined.append(separator)
            }
            joined.append(piece)
        }
        return joined
    }
}
