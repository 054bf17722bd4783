#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A command may end before it has read its input: writing the rest must not end the tests.
enum BrokenPipes {
    /// A handler, in place of ignoring the signal, which the commands would inherit.
    static let handled: Bool = {
        signal(SIGPIPE) { _ in }
        return true
    }()
}
