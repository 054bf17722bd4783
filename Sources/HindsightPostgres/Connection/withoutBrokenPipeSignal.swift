#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs `body`, which may write to a peer that is gone, without the signal that would then end the process. The write fails
/// all the same.
///
/// For a single function of libpq: everything else there writes without the signal. The thread's other signals, and what
/// the process does with the signal elsewhere, stay as they are.
package func withoutBrokenPipeSignal(_ body: () -> Void) {
    var brokenPipe = sigset_t()
    sigemptyset(&brokenPipe)
    sigaddset(&brokenPipe, SIGPIPE)
    let wasPending = isBrokenPipePending()
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
    body()
    if !wasPending, isBrokenPipePending() {
        var taken: Int32 = 0
        sigwait(&brokenPipe, &taken)
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
}

private func isBrokenPipePending() -> Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return sigismember(&pending, SIGPIPE) == 1
}
