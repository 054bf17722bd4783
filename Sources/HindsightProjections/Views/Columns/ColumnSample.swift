import HindsightPostgres

/// A value to try a column with (``ViewTable/validate()``).
@usableFromInline
package struct ColumnSample: Sendable {
    /// Puts the value into a place.
    let put: @Sendable (UnsafeMutableRawPointer) -> Void
    /// Whether a place has the value.
    let isHeld: @Sendable (UnsafeRawPointer) -> Bool
    /// Whether the value is the same after it was sent to the database and read back.
    let survives: @Sendable () throws -> Bool
    /// The value as text.
    let text: String

    @usableFromInline
    init<Value: ViewValue>(_ value: Value, _ access: some ColumnAccess<Value>) {
        put = { access.write(value, to: $0) }
        isHeld = { row in access.read(row) { $0.isSame(as: value) } }
        text = value.columnText ?? "null"
        survives = {
            var buffer = PostgresBuffer()
            try value.columnForm.encodeField(into: &buffer)
            let read = try buffer.withUnsafeBytes { bytes in
                // A field's length comes first, four bytes of it.
                try Value.ColumnForm(
                    postgresField: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(4)),
                    type: Value.ColumnForm.postgresType)
            }
            return Value(columnForm: read).isSame(as: value)
        }
    }
}

extension ViewValue {
    /// A few values, none of them null: those that usual texts stand for, and the cases of an enum.
    @usableFromInline static var samples: [Self] {
        let texts = [
            "1", "0", "7.5", "true", "false", "x", "\"x\"", "2001-02-03", "2001-02-03T04:05:06Z",
            "00000000-0000-4000-8000-000000000001", "{}", "[]", "[\"x\"]", "[1]", "\\x01",
        ]
        let cases = (Self.self as? any CaseIterable.Type).flatMap { $0.everyCase as? [Self] } ?? []
        var samples: [Self] = []
        for value in cases + texts.compactMap(Self.init(columnText:))
        where value.columnText != nil && !samples.contains(value) {
            samples.append(value)
        }
        return samples
    }
}

extension CaseIterable {
    fileprivate static var everyCase: Any { Array(allCases) }
}
