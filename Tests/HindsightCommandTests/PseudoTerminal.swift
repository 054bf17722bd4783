#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A terminal for a process under test.
final class PseudoTerminal: Sendable {
    /// What the process has for its terminal.
    let device: FileDescriptor
    private let main: FileDescriptor

    init(columns: UInt16 = 80) throws {
        main = FileDescriptor(rawValue: try Self.checked(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)))
        let name = try Self.nameOfDevice(main.rawValue)
        device = FileDescriptor(rawValue: try Self.checked(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)))
        _ = try Self.checked(fcntl(main.rawValue, F_SETFL, O_NONBLOCK))
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = try Self.checked(ioctl(main.rawValue, UInt(TIOCSWINSZ), &size))
    }

    private static func nameOfDevice(_ main: Int32) throws -> String {
        #if canImport(Darwin)
            _ = try checked(grantpt(main))
            _ = try checked(unlockpt(main))
            guard let name = ptsname(main) else { throw Errno(rawValue: errno) }
            return String(cString: name)
        #else
            // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2): the functions for these are not in the module.
            var isLocked: Int32 = 0
            var number: UInt32 = 0
            _ = try checked(ioctl(main, 0x4004_5431, &isLocked))
            _ = try checked(ioctl(main, 0x8004_5430, &number))
            return "/dev/pts/\(number)"
        #endif
    }

    private static func checked(_ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw Errno(rawValue: errno) }
        return result
    }

    deinit {
        // Nobody reads it any more.
        try? main.close()
        try? device.close()
    }

    /// Types text, which waits for a process that reads it.
    func type(_ text: String) throws {
        _ = try main.writeAll(text.utf8)
    }

    /// What the terminal has been told to show, without carriage returns.
    func shown() throws -> String {
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            do {
                let count = try main.read(into: buffer)
                guard count > 0 else { break }
                bytes += buffer[..<count]
            } catch Errno.resourceTemporarilyUnavailable {
                break
            }
        }
        return String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }
}
