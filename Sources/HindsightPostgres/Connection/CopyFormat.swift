/// The frame of binary `COPY` data; see the chapter on `COPY` in PostgreSQL's manual.
enum CopyFormat {
    /// The signature that binary data starts with.
    static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF] + Array("\r\n".utf8) + [0]
    /// Signature, flags and the length of an extension.
    static let headerByteCount = signature.count + 8

    static func appendHeader(to buffer: inout PostgresBuffer) {
        buffer.append(signature)
        buffer.append(Int32(0))
        buffer.append(Int32(0))
    }

    static func appendTrailer(to buffer: inout PostgresBuffer) {
        buffer.append(Int16(-1))
    }

    /// What follows the header in the first message.
    static func skipHeader(_ bytes: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
        guard bytes.count >= headerByteCount, bytes.starts(with: signature) else {
            throw PostgresError(.decoding, "COPY data without its header")
        }
        let end = headerByteCount + Int(bytes.bigEndian(Int32.self, at: signature.count + 4))
        guard end >= headerByteCount, end <= bytes.count else {
            throw PostgresError(.decoding, "COPY data with a malformed header")
        }
        return UnsafeRawBufferPointer(rebasing: bytes[end...])
    }

    static func isTrailer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count == 2 && bytes[0] == 0xFF && bytes[1] == 0xFF
    }
}
