#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A question to the person at the terminal.
enum Question {
    /// True if there is someone who can see a question and answer it.
    static var canBeAsked: Bool { isatty(STDIN_FILENO) == 1 && StandardError.isTerminal }

    /// Asks, and waits for an answer. Everything but `y` and `yes` means no.
    ///
    /// - Throws: `CancellationError`.
    static func ask(_ text: String) async throws -> Bool {
        StandardError.write("\(text) [y/N] ")
        return ["y", "yes"].contains(try await line().lowercased())
    }

    /// A line from standard input, without blocking a thread meanwhile: a signal may cancel the wait.
    private static func line() async throws -> String {
        var bytes: [UInt8] = []
        while true {
            try Task.checkCancellation()
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&input, 1, 0) > 0 else {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0, byte != UInt8(ascii: "\n") else { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    }
}
