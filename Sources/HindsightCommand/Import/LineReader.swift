import Hindsight

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The lines of a file, one after another, in a buffer that is as long as the longest of them.
final class LineReader {
    /// The longest line: an event with the most data, metadata and names that the log accepts, and the text between
    /// them.
    static let maximumLength = 18 << 20

    private let bytes: PlainBytes
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 16)
    /// The bytes that have been read but are not part of a returned line yet.
    private var pending = 0..<0
    /// How many of these bytes are known to hold no line end.
    private var searched = 0
    private var isAtEnd = false
    /// The number of the line that was returned last, from 1.
    private(set) var number = 0

    init(_ bytes: PlainBytes) {
        self.bytes = bytes
    }

    deinit { buffer.deallocate() }

    /// The next line without its end, LF or CRLF; nil after the last one. It is valid until the next call.
    ///
    /// - Throws: ``ImportError`` when a line is too long or the file's gzip data is broken; ``CommandError`` when the
    ///   file cannot be read.
    func next() throws -> UnsafeRawBufferPointer? {
        while true {
            if let end = lineEnd() {
                defer {
                    pending = (end + 1)..<pending.upperBound
                    searched = 0
                }
                return line(pending.lowerBound..<end)
            }
            if isAtEnd {
                guard !pending.isEmpty else { return nil }
                defer { pending = 0..<0 }
                return line(pending)
            }
            do {
                try fill()
            } catch {
                number += 1  // the line that it was about to read
                throw error
            }
        }
    }

    private func lineEnd() -> Int? {
        let start = pending.lowerBound + searched
        guard start < pending.upperBound, let base = buffer.baseAddress else { return nil }
        guard let found = memchr(base + start, Int32(UInt8(ascii: "\n")), pending.upperBound - start) else {
            searched = pending.count
            return nil
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private func line(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        number += 1
        let hasReturn = !range.isEmpty && buffer[range.upperBound - 1] == UInt8(ascii: "\r")
        return UnsafeRawBufferPointer(rebasing: buffer[range.lowerBound..<(range.upperBound - (hasReturn ? 1 : 0))])
    }

    private func fill() throws {
        guard pending.count <= Self.maximumLength else {
            throw ImportError("the line has more than \(Self.maximumLength) bytes")
        }
        if pending.lowerBound > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending]))
            pending = 0..<pending.count
        }
        if pending.count * 2 > buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending]))
            buffer.deallocate()
            buffer = larger
        }
        let count = try bytes.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[pending.upperBound...]))
        isAtEnd = count == 0
        pending = pending.lowerBound..<(pending.upperBound + count)
    }
}
