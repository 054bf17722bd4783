import CZlib
import Hindsight

/// Unpacks gzip (RFC 1952): any number of consecutive members, with zeros allowed between and after them.
final class Inflater {
    // zlib keeps a pointer to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = false
    /// How many bytes of input have been consumed.
    private var used: Int64 = 0
    /// The number of the current member, from 1, and where it begins in the input, from 0.
    private var member: (number: Int, start: Int64) = (1, 0)

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

    /// True when the input may end here: a member has ended, its checksum and length are right, and no other has begun.
    var isAtMemberEnd: Bool { isBetweenMembers }

    /// Unpacks from `input`, and removes the bytes it has consumed from its front.
    ///
    /// - Returns: how many bytes it wrote to `output`, which are of one member.
    /// - Throws: ``ImportError`` when the data is corrupt.
    func inflate(_ input: inout UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer)
        throws(ImportError) -> Int
    {
        if isBetweenMembers {
            take(input.prefix { $0 == 0 }.count, from: &input)
            guard !input.isEmpty else { return 0 }
            inflateReset(stream)
            isBetweenMembers = false
            member = (member.number + 1, used)
        }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        take(input.count - Int(stream.pointee.avail_in), from: &input)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isBetweenMembers = true
        default: throw error("corrupt\(stream.pointee.msg.map { ": \(String(cString: $0))" } ?? "")")
        }
        return output.count - Int(stream.pointee.avail_out)
    }

    /// An error that names the member.
    func error(_ what: String) -> ImportError {
        ImportError(
            """
            the gzip data is \(what), in part \(member.number) of the gzip data, which begins at byte \(member.start + 1); nothing \
            from this line on is stored: make or fetch the file anew and import it again
            """)
    }

    private func take(_ count: Int, from input: inout UnsafeMutableRawBufferPointer) {
        input = UnsafeMutableRawBufferPointer(rebasing: input[count...])
        used += Int64(count)
    }
}
