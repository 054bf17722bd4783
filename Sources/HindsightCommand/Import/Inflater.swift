import CZlib

/// Unpacks gzip (RFC 1952), any number of members one after the other.
final class Inflater {
    // zlib keeps a pointer to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = false

    init() throws(ImportError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, the largest; 16 more ask for gzip and nothing else.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw ImportError("gzip data cannot be unpacked: there is not enough memory, or zlib is of another version")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// True when the input may end here: a member has ended, and no other has begun.
    var isAtMemberEnd: Bool { isBetweenMembers }

    /// Unpacks from `input`, and takes from its front what it has used.
    ///
    /// - Returns: how many bytes it wrote to `output`.
    /// - Throws: ``ImportError`` when the data is corrupt.
    func inflate(_ input: inout UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer)
        throws(ImportError) -> Int
    {
        if isBetweenMembers, !input.isEmpty {
            inflateReset(stream)
            isBetweenMembers = false
        }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        input = UnsafeMutableRawBufferPointer(rebasing: input.suffix(Int(stream.pointee.avail_in)))
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isBetweenMembers = true
        default:
            let detail = stream.pointee.msg.map { ": \(String(cString: $0))" } ?? ""
            throw ImportError("the gzip data is corrupt\(detail)")
        }
        return output.count - Int(stream.pointee.avail_out)
    }
}
