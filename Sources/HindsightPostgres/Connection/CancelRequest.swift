import CLibPQ

/// The data with which libpq asks a server to cancel a connection's statement.
///
/// `@unchecked Sendable`: a `PGcancel` is a copy of the address and key that never changes, and `PQcancel` may be
/// called from any thread.
final class CancelRequest: @unchecked Sendable {
    private let handle: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit {
        PQfreeCancel(handle)
    }

    /// Sends the request and waits until the server has acted on it.
    ///
    /// A failure is not reported: the statement then runs to its end or its deadline.
    func send() {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
            // It writes to a connection of its own, which a server that stops closes at once.
            withoutBrokenPipeSignal { _ = PQcancel(handle, message.baseAddress, 256) }
        }
    }
}
