/// Writes the rows of a `COPY … FROM STDIN`, about 64 KiB at a time.
public struct PostgresCopyWriter: ~Copyable {
    /// How many bytes are collected before they are sent.
    @usableFromInline static var chunkByteCount: Int { 64 << 10 }

    let link: ServerLink
    @usableFromInline var row: PostgresCopyRow

    init(link: ServerLink) {
        self.link = link
        row = PostgresCopyRow(buffer: PostgresBuffer(capacity: Self.chunkByteCount * 5 / 4))
        CopyFormat.appendHeader(to: &row.buffer)
    }

    /// Writes one row.
    ///
    /// ```swift
    /// try writer.row {
    ///     try $0.append(customer.id)
    ///     try $0.append(customer.name)
    /// }
    /// ```
    ///
    /// - Throws: what `fields` throws, an encoding error for example; ``PostgresError`` if the server has ended the
    ///   copy. Letting the error propagate ends the copy without keeping any row.
    @inlinable
    public mutating func row(_ fields: (inout PostgresCopyRow) throws -> Void) throws {
        let start = row.begin()
        try fields(&row)
        row.end(start)
        if row.buffer.count >= Self.chunkByteCount {
            try send()
        }
    }

    /// Writes one row that is already in binary form, as ``PostgresSession/copyOut(_:_:)`` provides it: the number of
    /// fields, then each field with its length.
    @inlinable
    public mutating func row(bytes: UnsafeRawBufferPointer) throws {
        row.buffer.append(bytes)
        if row.buffer.count >= Self.chunkByteCount {
            try send()
        }
    }

    @usableFromInline
    mutating func send() throws {
        try row.buffer.withUnsafeBytes { try link.sendCopyData($0) }
        row.buffer.removeAll()
    }

    mutating func finish() throws {
        CopyFormat.appendTrailer(to: &row.buffer)
        try send()
    }
}
