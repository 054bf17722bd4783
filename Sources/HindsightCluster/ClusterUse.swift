import Synchronization

/// One app's share in a server that several apps may use.
///
/// Each app holds the users' lock shared as long as it uses the server, and whoever can change that into an exclusive
/// lock is the last one. Entering and leaving happen one at a time, under the start lock.
final class ClusterUse: Sendable {
    private let users: Mutex<FileLock?>

    private init(_ users: FileLock) {
        self.users = Mutex(users)
    }

    /// Waits until no other app enters or leaves, makes the server ready by `body`, and becomes one of its users.
    ///
    /// If `body` throws, a server without users is stopped.
    static func enter<T>(
        _ server: ClusterServer, _ body: () async throws -> T
    ) async throws -> (use: ClusterUse, value: T) {
        let start = try FileLock(server.folder.startLock, for: server.folder.account)
        try await start.lock(.exclusive)
        defer { start.unlock() }
        let users = try FileLock(server.folder.usersLock, for: server.folder.account)
        // It is held exclusively only under the start lock, so it is free for sharing.
        try await users.lock(.shared)
        do {
            return (ClusterUse(users), try await body())
        } catch {
            // In a task of its own, because a cancelled one could not run programs. The first error says more than one
            // that may follow from it.
            _ = await Task { try await stopIfLast(server, users) }.result
            throw error
        }
    }

    /// Makes a server that is gone run again, one app at a time; does nothing if this app is no user any more.
    func restart(_ server: ClusterServer) async throws {
        // Without its folder there is nothing to start.
        guard SystemCalls.exists(server.folder.startLock) else { return }
        let start = try FileLock(server.folder.startLock, for: server.folder.account)
        try await start.lock(.exclusive)
        defer { start.unlock() }
        // An app that leaves first says so and then waits for the lock, so what is started here is stopped there.
        guard users.withLock({ $0 != nil }) else { return }
        try await server.start()
    }

    /// Stops being a user, and stops the server if no other one is left.
    func leave(_ server: ClusterServer) async throws {
        guard let users = users.withLock({ $0.take() }) else { return }
        // Whoever has removed the folder has removed the server's data as well; the server then ends by itself.
        guard SystemCalls.exists(server.folder.startLock) else { return }
        let start = try FileLock(server.folder.startLock, for: server.folder.account)
        try await start.lock(.exclusive)
        defer { start.unlock() }
        try await Self.stopIfLast(server, users)
    }

    private static func stopIfLast(_ server: ClusterServer, _ users: FileLock) async throws {
        defer { users.unlock() }
        if try users.tryLock(.exclusive) { try await server.stop(.fast) }
    }
}
