#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is read from its start to its end, or standard input.
final class InputFile {
    /// The file's name in messages.
    let name: String
    private let descriptor: Int32
    /// Where reading began and where the file ends; nil for a pipe, which can be read once and ends when it does.
    private let extent: Range<Int64>?
    private var position: Int64 = 0

    /// Opens a file; `-` is standard input.
    ///
    /// - Throws: ``CommandError``.
    convenience init(path: String) throws {
        guard path != "-" else {
            self.init(name: "standard input", descriptor: STDIN_FILENO)
            return
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandError("\(path): \(String(cString: strerror(errno)))") }
        self.init(name: path, descriptor: descriptor)
    }

    /// Takes over an open file at its current position. The file is closed with this object.
    init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
        var status = stat()
        let start = Int64(lseek(descriptor, 0, SEEK_CUR))
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && start >= 0
        extent = isRegular ? start..<max(start, Int64(status.st_size)) : nil
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The fraction that has been read and used, 0 to 1; nil if the length of the file is unknown.
    ///
    /// - Parameter unused: how many of the bytes that were read wait to be used.
    func fraction(without unused: Int) -> Double? {
        guard let extent, !extent.isEmpty else { return nil }
        return min(1, max(0, Double(position - Int64(unused)) / Double(extent.count)))
    }

    /// True if it can be read again.
    var canRewind: Bool { extent != nil }

    /// Goes back to where reading began.
    ///
    /// - Throws: ``CommandError``.
    func rewind() throws {
        guard let extent, lseek(descriptor, off_t(extent.lowerBound), SEEK_SET) >= 0 else {
            throw CommandError("\(name) cannot be read a second time: \(String(cString: strerror(errno)))")
        }
        position = 0
    }

    /// Reads the available bytes, at most as many as fit; 0 at the end.
    ///
    /// - Throws: ``CommandError``; `CancellationError` if the task is cancelled while there is nothing to read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try waitUntilReadable()
        while true {
            let count = systemRead(descriptor, buffer)
            guard count < 0 else {
                position += Int64(count)
                return count
            }
            guard errno == EINTR || errno == EAGAIN else {
                throw CommandError("\(name): \(String(cString: strerror(errno)))")
            }
            try waitUntilReadable()
        }
    }

    /// A pipe may be silent for long; cancellation is noticed in between.
    private func waitUntilReadable() throws {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            try Task.checkCancellation()
            if poll(&request, 1, 100) != 0 { return }
        }
    }
}

/// `read(2)`.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}
