#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is read from its start to its end, or standard input.
final class InputFile {
    /// What the file is called in messages.
    let name: String
    private let descriptor: Int32
    private let size: Int64?
    private var position: Int64 = 0

    /// Opens a file; `-` is standard input.
    ///
    /// - Throws: ``CommandError``.
    init(path: String) throws {
        guard path != "-" else {
            name = "standard input"
            descriptor = STDIN_FILENO
            size = nil
            return
        }
        name = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandError("\(path): \(String(cString: strerror(errno)))") }
        var status = stat()
        size = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// How much has been read, 0 to 1; nil if nobody knows how long the file is.
    var fraction: Double? {
        guard let size, size > 0 else { return nil }
        return min(1, Double(position) / Double(size))
    }

    /// Reads what there is, at most as much as fits; 0 at the end.
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

    /// A pipe may be silent for long; cancelling is noticed in between.
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
