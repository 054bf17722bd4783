/// The bytes of a file, unpacked if it is gzipped, which its first two bytes tell.
final class PlainBytes {
    private enum Form {
        case undecided
        case plain
        case gzip(Inflater)
    }

    private static let chunk = 256 << 10

    let file: InputFile
    private let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: PlainBytes.chunk, alignment: 16)
    /// What has been read and not yet been handed out.
    private var pending: UnsafeMutableRawBufferPointer
    private var isAtEnd = false
    private var form = Form.undecided

    init(_ file: InputFile) {
        self.file = file
        pending = UnsafeMutableRawBufferPointer(rebasing: storage[0..<0])
    }

    deinit { storage.deallocate() }

    /// Reads the next bytes, at most as many as fit; 0 at the end.
    ///
    /// - Throws: ``CommandError`` when the file cannot be read; ``ImportError`` when its gzip data is corrupt or cut short.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        switch form {
        case .undecided:
            try decide()
            return try read(into: output)
        case .plain:
            guard pending.isEmpty else {
                let count = min(pending.count, output.count)
                output.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[..<count]))
                pending = UnsafeMutableRawBufferPointer(rebasing: pending[count...])
                return count
            }
            return try file.read(into: output)
        case .gzip(let inflater):
            while true {
                if pending.isEmpty, !isAtEnd { try fill() }
                let written = try inflater.inflate(&pending, into: output)
                if written > 0 { return written }
                guard pending.isEmpty, isAtEnd else { continue }
                guard inflater.isAtMemberEnd else { throw ImportError("the gzip data is cut short") }
                return 0
            }
        }
    }

    private func decide() throws {
        // A pipe may give one byte at a time.
        while pending.count < 2, !isAtEnd { try fill() }
        form = pending.starts(with: [0x1f, 0x8b]) ? .gzip(try Inflater()) : .plain
    }

    /// Reads more behind what is pending, which is then at the front.
    private func fill() throws {
        let kept = pending.count
        if kept > 0 { storage.copyMemory(from: UnsafeRawBufferPointer(pending)) }
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: storage[kept...]))
        isAtEnd = count == 0
        pending = UnsafeMutableRawBufferPointer(rebasing: storage[..<(kept + count)])
    }
}
