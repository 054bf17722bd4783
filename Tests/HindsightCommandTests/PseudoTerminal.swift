import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A terminal as programs see it, with the test at its screen.
final class PseudoTerminal: Sendable {
    private let descriptor: FileDescriptor
    private let path: String

    init(columns: UInt16 = 80) throws {
        descriptor = try FileDescriptor.open("/dev/ptmx", .readWrite, options: [.closeOnExec])
        path = try Self.unlocked(descriptor.rawValue)
        resize(columns: columns)
    }

    /// Makes the other side of a terminal usable, and returns its path.
    private static func unlocked(_ raw: Int32) throws -> String {
        #if canImport(Darwin)
            guard grantpt(raw) == 0, unlockpt(raw) == 0, let name = ptsname(raw) else { throw Errno(rawValue: errno) }
            return String(cString: name)
        #else
            // Glibc's functions for this are not visible in Swift: TIOCSPTLCK and TIOCGPTN.
            var (lock, number): (Int32, UInt32) = (0, 0)
            guard ioctl(raw, 0x4004_5431, &lock) == 0, ioctl(raw, 0x8004_5430, &number) == 0 else {
                throw Errno(rawValue: errno)
            }
            return "/dev/pts/\(number)"
        #endif
    }

    deinit {
        // Nothing is lost that a test could miss.
        try? descriptor.close()
    }

    /// Types text, which waits for a program that reads it.
    func type(_ text: String) throws {
        _ = try descriptor.writeAll(text.utf8)
    }

    /// The side of a program that reads and writes the terminal.
    func other() throws -> FileDescriptor {
        try FileDescriptor.open(path, .readWrite, options: [.closeOnExec])
    }

    func resize(columns: UInt16) {
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor.rawValue, UInt(TIOCSWINSZ), &size)
    }

    /// Reads until no program has the terminal open any more.
    ///
    /// - Parameter look: is shown all text so far whenever there is more of it.
    func reading(
        _ look: @escaping @Sendable (String, PseudoTerminal) -> Void = { _, _ in }
    ) -> Task<String, Never> {
        Task {
            await withCheckedContinuation { continuation in
                // A thread that may block.
                DispatchQueue.global().async { [self] in
                    var bytes: [UInt8] = []
                    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 1)
                    defer { chunk.deallocate() }
                    // It fails when the other side is closed, which is the end.
                    while let count = try? descriptor.read(into: chunk), count > 0 {
                        bytes += chunk[..<count]
                        look(String(decoding: bytes, as: UTF8.self), self)
                    }
                    continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
                }
            }
        }
    }
}
