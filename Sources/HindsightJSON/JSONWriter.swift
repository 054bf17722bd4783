/// Writes strings as JSON.
public enum JSONWriter {
    /// Appends a string in quotes to a buffer, with the escapes that RFC 8259 demands and no others: for `"`, `\` and
    /// the control characters under 32.
    public static func append(_ string: String, to buffer: inout [UInt8]) {
        var string = string
        string.withUTF8 { append(utf8: UnsafeRawBufferPointer($0), to: &buffer) }
    }

    /// Appends a string in quotes to a buffer, see ``append(_:to:)``.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8, which is not checked.
    ///   - buffer: the buffer to append to.
    public static func append(utf8 bytes: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "\""))
        var written = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            buffer.append(contentsOf: bytes[written..<index])
            appendEscape(of: byte, to: &buffer)
            written = index + 1
        }
        buffer.append(contentsOf: bytes[written...])
        buffer.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: buffer.append(UInt8(ascii: "b"))
        case 0x09: buffer.append(UInt8(ascii: "t"))
        case 0x0a: buffer.append(UInt8(ascii: "n"))
        case 0x0c: buffer.append(UInt8(ascii: "f"))
        case 0x0d: buffer.append(UInt8(ascii: "r"))
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            buffer.append(contentsOf: "u00".utf8)
            buffer.append(digits[Int(byte >> 4)])
            buffer.append(digits[Int(byte & 15)])
        default: buffer.append(byte)
        }
    }
}
