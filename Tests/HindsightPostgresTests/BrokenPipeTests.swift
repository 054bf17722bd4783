import HindsightPostgres
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What libpq writes to a server that is gone must not end the process.
@Suite("Broken pipes", .timeLimit(.minutes(1)))
struct BrokenPipeTests {
    @Test("A write to nobody fails, and the process and the thread's signals stay as they are")
    func writingToNobody() {
        for _ in 0..<3 {
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0)
            close(ends[0])
            var byte: UInt8 = 1
            var (written, reason) = (0, Int32(0))
            // Without this, the process that runs the tests would end here.
            withoutBrokenPipeSignal {
                written = write(ends[1], &byte, 1)
                reason = errno
            }
            close(ends[1])
            #expect(written == -1 && reason == EPIPE)
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            #expect(sigismember(&mask, SIGPIPE) == 0)
        }
    }
}
