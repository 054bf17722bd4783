/// A place in JSON text, with the moves that the tree-less scanner and the decoder share.
///
/// Nothing is read at or past `end`: every load is behind a comparison with it.
struct JSONCursor {
    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var next: UnsafePointer<UInt8>

    /// How deep arrays and objects may be nested, as in Foundation's decoder.
    static let maximumDepth = 512

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { throw JSONError(.unexpectedEnd, at: 0) }
        // Offsets are kept in 32 bits, of which one is spare.
        guard bytes.count <= Int(Int32.max) else { throw JSONError(.tooLarge, at: Int(Int32.max)) }
        start = base
        end = base + bytes.count
        next = base
    }

    /// The offset in bytes of the next byte.
    @inline(__always)
    var offset: Int { next - start }

    /// The error that this code is wrong with the next byte, or that there is none.
    @inline(never)
    func error(_ code: JSONError.Code) -> JSONError {
        JSONError(next < end ? code : .unexpectedEnd, at: offset)
    }

    /// The next byte that is not white space, without taking it; 0 at the end, which is no token of JSON either.
    @inline(__always)
    mutating func peekToken() -> UInt8 {
        while next < end {
            let byte = next.pointee
            // Most documents have no white space, so the one comparison that says so comes first.
            if byte > 0x20 || !(byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) { return byte }
            next += 1
        }
        return 0
    }

    /// Moves past white space, which must be all that is left.
    mutating func takeEnd() throws(JSONError) {
        _ = peekToken()
        guard next == end else { throw JSONError(.expectedEnd, at: offset) }
    }

    /// Moves past a word of which the first byte has been seen.
    @inline(__always)
    mutating func takeLiteral(_ word: StaticString) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        guard end - next >= length else { throw literalError(word) }
        for index in 1..<length where next[index] != word.utf8Start[index] { throw literalError(word) }
        next += length
    }

    private func literalError(_ word: StaticString) -> JSONError {
        var index = 1
        while next + index < end, index < word.utf8CodeUnitCount, next[index] == word.utf8Start[index] { index += 1 }
        return JSONError(next + index < end ? .invalidLiteral : .unexpectedEnd, at: offset + index)
    }

    /// Moves past the colon after a key.
    @inline(__always)
    mutating func takeColon() throws(JSONError) {
        guard peekToken() == UInt8(ascii: ":") else { throw error(.expectedColon) }
        next += 1
    }
}
