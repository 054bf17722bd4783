/// The fields of one row of a `COPY … FROM STDIN`, in the order of the statement's columns.
public struct PostgresCopyRow: ~Copyable {
    @usableFromInline var buffer: PostgresBuffer
    @usableFromInline var fieldCount: Int16 = 0

    init(buffer: PostgresBuffer) {
        self.buffer = buffer
    }

    /// Appends a field; `nil` is null. The value must have the column's type: binary data is not converted.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` if the value cannot be encoded.
    @inlinable
    public mutating func append<T: PostgresEncodable>(_ value: T) throws {
        try value.encodeField(into: &buffer)
        fieldCount += 1
    }

    /// Appends a field that is already in the column's binary form; for `json` and `text` that is the text in UTF-8.
    @inlinable
    public mutating func append(bytes: UnsafeRawBufferPointer) throws {
        try buffer.writeLengthPrefixed { $0.append(bytes) }
        fieldCount += 1
    }

    /// Appends a null field.
    @inlinable
    public mutating func appendNull() {
        buffer.appendNull()
        fieldCount += 1
    }

    /// Starts a row and returns its place.
    @inlinable
    mutating func begin() -> Int {
        fieldCount = 0
        return buffer.advance(by: 2)
    }

    /// Ends the row that started at a place.
    @inlinable
    mutating func end(_ start: Int) {
        buffer.overwrite(fieldCount, at: start)
    }
}
