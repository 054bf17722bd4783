import Hindsight

/// The bytes of a file, unpacked if its first two bytes mark it as gzipped.
///
/// Gzipped data is read twice. The first pass finds out which members have the right checksum and length; the second
/// pass returns the members before the first one that does not. Data from a pipe is kept in a temporary file in
/// between.
final class PlainBytes {
    private enum Form {
        case undecided
        case plain
        case gzip(GzipBytes)
    }

    /// The data that may be unpacked.
    private struct GzipBytes {
        let inflater: Inflater
        /// How many unpacked bytes are still to come.
        var left: Int64
        /// Why there are no more.
        let failure: ImportError?
    }

    private static let chunk = 256 << 10

    private var file: InputFile
    private let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: PlainBytes.chunk, alignment: 16)
    /// The bytes that have been read but not yet returned.
    private var pending: UnsafeMutableRawBufferPointer
    private var isAtEnd = false
    private var form = Form.undecided

    init(_ file: InputFile) {
        self.file = file
        pending = UnsafeMutableRawBufferPointer(rebasing: storage[0..<0])
    }

    deinit { storage.deallocate() }

    /// The fraction that has been returned, 0 to 1, measured in bytes of the file, which may be gzipped; nil if its
    /// length is unknown.
    var fraction: Double? { file.fraction(without: pending.count) }

    /// Finds out whether the data is gzipped, and then checks it. Without this, the first ``read(into:)`` does so.
    ///
    /// - Parameter progress: called now and then with the fraction that has been checked, if known.
    /// - Throws: ``CommandError`` when the file cannot be read; ``ImportError`` if there is no memory for unpacking.
    func prepare(progress: (Double?) -> Void) throws {
        switch form {
        case .undecided: try decide(progress)
        case .plain, .gzip: break
        }
    }

    /// Reads the next bytes, at most as many as fit; 0 at the end.
    ///
    /// - Throws: ``CommandError`` when the file cannot be read; ``ImportError`` if gzip data is corrupt or truncated.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        switch form {
        case .undecided:
            try decide { _ in }
            return try read(into: output)
        case .plain:
            guard pending.isEmpty else {
                let count = min(pending.count, output.count)
                output.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[..<count]))
                take(count)
                return count
            }
            return try file.read(into: output)
        case .gzip(var bytes):
            let count = try unpack(&bytes, into: output)
            form = .gzip(bytes)
            return count
        }
    }

    private func unpack(_ bytes: inout GzipBytes, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard bytes.left > 0 else {
            if let failure = bytes.failure { throw failure }
            return 0
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: output.prefix(Int(min(bytes.left, Int64(output.count)))))
        while true {
            if pending.isEmpty, !isAtEnd { try fill() }
            let written = try bytes.inflater.inflate(&pending, into: room)
            guard written == 0 else {
                bytes.left -= Int64(written)
                return written
            }
            guard !pending.isEmpty || !isAtEnd else {
                throw CommandError("\(file.name) was changed while it was read: import it again")
            }
        }
    }

    private func decide(_ progress: (Double?) -> Void) throws {
        // A pipe may give one byte at a time.
        while pending.count < 2, !isAtEnd { try fill() }
        form = pending.starts(with: [0x1f, 0x8b]) ? .gzip(try check(progress)) : .plain
    }

    /// Reads everything, then goes back to the beginning.
    private func check(_ progress: (Double?) -> Void) throws -> GzipBytes {
        let check = try GzipCheck()
        let spool = file.canRewind ? nil : try SpoolFile(for: file.name)
        while !pending.isEmpty, check.failure == nil {
            try spool?.write(pending)
            check.take(pending)
            take(pending.count)
            progress(fraction)
            try fill()
        }
        check.end()
        if let spool { file = try spool.reader() } else { try file.rewind() }
        take(pending.count)
        isAtEnd = false
        return GzipBytes(inflater: try Inflater(), left: check.soundBytes, failure: check.failure)
    }

    private func take(_ count: Int) {
        pending = UnsafeMutableRawBufferPointer(rebasing: pending[count...])
    }

    /// Moves the pending bytes to the front and reads more behind them.
    private func fill() throws {
        let kept = pending.count
        if kept > 0 { storage.copyMemory(from: UnsafeRawBufferPointer(pending)) }
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: storage[kept...]))
        isAtEnd = count == 0
        pending = UnsafeMutableRawBufferPointer(rebasing: storage[..<(kept + count)])
    }
}
