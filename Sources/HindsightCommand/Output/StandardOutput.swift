#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The standard output, through a buffer. Used under a lock.
struct StandardOutput: ~Copyable {
    /// How many bytes are collected before they are written.
    private static let capacity = 64 << 10

    private var buffer: [UInt8] = []

    init() {}

    /// How many characters a line of the terminal has room for; nil if it is no terminal, or does not say.
    static var terminalWidth: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    mutating func write(_ body: (inout [UInt8]) -> Void) throws {
        body(&buffer)
        if buffer.count >= Self.capacity { try flush() }
    }

    /// Writes the content of the buffer.
    ///
    /// - Throws: ``BrokenPipe`` if it has no reader; ``CommandError`` if it cannot be written.
    mutating func flush() throws {
        // A failed write is not retried: the command ends.
        defer { buffer.removeAll(keepingCapacity: buffer.capacity <= 4 * Self.capacity) }
        try buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = systemWrite(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest))
                if count >= 0 {
                    rest = rest.dropFirst(count)
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN: waitUntilWritable()
                case EPIPE: throw BrokenPipe()
                case let code:
                    throw CommandError("standard output cannot be written: \(String(cString: strerror(code)))")
                }
            }
        }
    }

    /// Handles a terminal or pipe that another program has set to non-blocking.
    private func waitUntilWritable() {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&descriptor, 1, -1)
    }
}
