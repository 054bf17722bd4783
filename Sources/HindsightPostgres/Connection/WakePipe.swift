#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A pipe that ends a `poll` on another thread.
final class WakePipe: Sendable {
    /// The file descriptor to poll for reading.
    let descriptor: Int32
    private let writing: Int32

    /// - Throws: ``PostgresError`` with code `connectionFailed` if the process has no file descriptor left.
    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw PostgresError(.connectionFailed, "no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (descriptor, writing) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    /// Wakes the poller, now or when it polls next.
    func wake() {
        var byte: UInt8 = 1
        // A full pipe is as good as a written one: the poller wakes either way.
        while write(writing, &byte, 1) < 0, errno == EINTR {}
    }

    /// Drains the pipe, so that the next poll blocks again.
    func drain() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, 64)
                if count == 64 || (count < 0 && errno == EINTR) { continue }
                return
            }
        }
    }
}
