/// Reads the content of a string that a ``JSONCursor`` has checked.
enum JSONText {
    /// The text of a string's bytes, without the quotes around them.
    ///
    /// - Throws: the offset, within the bytes, of half a surrogate pair; everything else has been checked.
    static func unescape(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> String {
        var failure: JSONError?
        // An escape is never shorter than what it stands for.
        let text = String(unsafeUninitializedCapacity: bytes.count) { output in
            do throws(JSONError) {
                return try unescape(bytes, into: output)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return text
    }

    private static func unescape(
        _ bytes: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
    ) throws(JSONError) -> Int {
        var read = 0
        var written = 0
        while read < bytes.count {
            let byte = bytes[read]
            guard byte == UInt8(ascii: "\\") else {
                output[written] = byte
                read += 1
                written += 1
                continue
            }
            switch bytes[read + 1] {
            case UInt8(ascii: "u"):
                let (scalar, length) = try scalar(in: bytes, at: read)
                for unit in UTF8.encode(scalar)! {
                    output[written] = unit
                    written += 1
                }
                read += length
                continue
            case UInt8(ascii: "b"): output[written] = 0x08
            case UInt8(ascii: "f"): output[written] = 0x0c
            case UInt8(ascii: "n"): output[written] = 0x0a
            case UInt8(ascii: "r"): output[written] = 0x0d
            case UInt8(ascii: "t"): output[written] = 0x09
            case let byte: output[written] = byte
            }
            read += 2
            written += 1
        }
        return written
    }

    /// The character that one escape of a number stands for, or two if they are a surrogate pair, and their length.
    private static func scalar(
        in bytes: UnsafeBufferPointer<UInt8>, at offset: Int
    ) throws(JSONError) -> (Unicode.Scalar, length: Int) {
        let first = unit(in: bytes, at: offset)
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        let next = offset + 6
        guard UTF16.isLeadSurrogate(first), next + 6 <= bytes.count,
            bytes[next] == UInt8(ascii: "\\"), bytes[next + 1] == UInt8(ascii: "u")
        else { throw JSONError(.unpairedSurrogate, at: offset) }
        let second = unit(in: bytes, at: next)
        guard UTF16.isTrailSurrogate(second) else { throw JSONError(.unpairedSurrogate, at: offset) }
        let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
        guard let scalar = Unicode.Scalar(value) else { throw JSONError(.unpairedSurrogate, at: offset) }
        return (scalar, 12)
    }

    private static func unit(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt16 {
        bytes[(offset + 2)..<(offset + 6)].reduce(0) { $0 << 4 | (hexadecimalDigit($1) ?? 0) }
    }
}
