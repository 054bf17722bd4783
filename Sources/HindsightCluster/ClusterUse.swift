import Synchronization

/// One app's share in a server that several apps may use.
///
/// Each app holds the users' lock in shared mode while it uses the server; an app that can turn that into an exclusive
/// lock is the last one. Apps enter and leave one at a time, under the start lock.
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
            // that follows from it.
            _ = await Task { try await stopIfLast(server, users) }.result
            throw error
        }
    }

    /// Starts a server that is gone again, one app at a time; does nothing if this app is no longer a user.
    func restart(_ server: ClusterServer) async throws {
        // Without its folder there is nothing to start.
        guard SystemCalls.exists(server.folder.startLock) else { return }
        let start = try FileLock(server.folder.startLock, for: server.folder.account)
        try await start.lock(.exclusive)
        defer { start.unlock() }
        // A leaving app first says so and then waits for the lock, so a server that is started here is stopped there.
        guard users.withLock({ $0 != nil }) else { return }
        try await server.start()
    }

    /// Stops being a user, and stops the server if no user is left.
    func leave(_ server: ClusterServer) async throws {
        guard let users = users.withLock({ $0.take() }) else { return }
        // If the folder was removed, so was the server's data; the server then ends by itself.
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
