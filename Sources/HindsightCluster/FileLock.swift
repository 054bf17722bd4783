#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A lock on a file, held by an open descriptor: the system releases it when the process ends, however it ends.
///
/// Each value has its own open file description, so two locks in one process exclude each other, too. Child processes
/// do not inherit it.
final class FileLock: Sendable {
    /// How a lock is held.
    enum Mode {
        /// Together with other shared holders.
        case shared
        /// Exclusively.
        case exclusive

        fileprivate var operation: Int32 {
            switch self {
            case .shared: LOCK_SH
            case .exclusive: LOCK_EX
            }
        }
    }

    private let descriptor: Int32
    private let path: String

    /// Opens the file without a lock; a missing file is created, owned by `account`.
    init(_ path: String, for account: ClusterAccount) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw SystemCalls.failure("open", path) }
        if account.isOther {
            guard fchown(descriptor, account.userID, account.groupID) == 0 else {
                throw SystemCalls.failure("chown", path)
            }
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Takes the lock, or changes the mode in which it is held, if that is possible immediately.
    func tryLock(_ mode: Mode) throws -> Bool {
        while flock(descriptor, mode.operation | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return false }
            throw SystemCalls.failure("flock", path)
        }
        return true
    }

    /// Gives the lock back; it can be taken again.
    func unlock() {
        // It cannot fail on an open descriptor, and the end of this value releases the lock in any case.
        flock(descriptor, LOCK_UN)
    }

    /// Waits for the lock without blocking a thread.
    func lock(_ mode: Mode) async throws {
        // The system can only wake a blocked thread, and a thread costs more than a look every few milliseconds.
        while try !tryLock(mode) { try await Task.sleep(for: .milliseconds(20)) }
    }
}
