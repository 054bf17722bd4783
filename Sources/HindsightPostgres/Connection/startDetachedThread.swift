import CLibPQ

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The stack size of a thread in bytes: the main thread's usual size, since application code runs on it.
private let stackByteCount = 8 << 20

/// Carries a closure through the C interface.
private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// Starts a thread that nobody joins.
///
/// - Throws: ``PostgresError`` with code `connectionFailed` if the system refuses.
func startDetachedThread(named name: String, _ body: @escaping @Sendable () -> Void) throws {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, stackByteCount)
    let context = Unmanaged.passRetained(ThreadBody(name: name, run: body))
    #if canImport(Darwin)
        var thread: pthread_t?
        let status = pthread_create(&thread, &attributes, { runThread($0) }, context.toOpaque())
    #else
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, { $0.flatMap { runThread($0) } }, context.toOpaque())
    #endif
    guard status == 0 else {
        context.release()
        throw PostgresError(.connectionFailed, "no thread: \(String(cString: strerror(status)))")
    }
}

private func runThread(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    hindsight_name_current_thread(body.name)
    body.run()
    return nil
}
