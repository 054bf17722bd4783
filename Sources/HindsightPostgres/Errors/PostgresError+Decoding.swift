extension PostgresError {
    /// The server's type cannot be read as the Swift type.
    @usableFromInline
    @inline(never)
    static func typeMismatch<T>(_ swiftType: T.Type, _ type: PostgresType) -> PostgresError {
        PostgresError(.decoding, "\(type.name) cannot be read as \(swiftType)")
    }

    /// A null where the Swift type has none.
    @usableFromInline
    @inline(never)
    static func unexpectedNull<T>(_ swiftType: T.Type) -> PostgresError {
        PostgresError(.decoding, "null cannot be read as \(swiftType)")
    }

    /// The value is valid, but outside the range of the Swift type.
    @usableFromInline
    @inline(never)
    static func outOfRange<T>(_ swiftType: T.Type, _ type: PostgresType) -> PostgresError {
        PostgresError(.decoding, "a value of type \(type.name) is outside the range of \(swiftType)")
    }

    /// The bytes are not the binary form of the type.
    @usableFromInline
    @inline(never)
    static func malformed(_ form: String, _ type: PostgresType) -> PostgresError {
        PostgresError(.decoding, "malformed bytes for \(form) (\(type.name))")
    }

    /// The value has no counterpart on the server.
    @usableFromInline
    @inline(never)
    static func unrepresentable<T>(_ swiftType: T.Type, as type: PostgresType, _ reason: String) -> PostgresError {
        PostgresError(.encoding, "a \(swiftType) cannot be sent as \(type.name): \(reason)")
    }

    /// The same error, with the name of the column whose value it is about.
    package func naming(column name: String) -> PostgresError {
        var error = self
        error.column = name
        error.message += " (column \(name))"
        return error
    }
}
