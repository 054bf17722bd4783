import Logging

extension LocalCluster {
    /// How often a keeper checks that the server runs, by reading two small files.
    private static let interval = Duration.milliseconds(250)
    /// How long it waits after a failed start, or if it cannot see the server's process.
    private static let longInterval = Duration.seconds(5)

    /// Keeps the server running while `body` runs: if the server's first process is gone, killed for example, or if
    /// someone shuts it down, it is started again.
    ///
    /// Every app that uses the server does this. They take turns, and the first one starts it. Connections are lost,
    /// and open transactions are rolled back; ``conninfo`` stays the same. A failed start is logged and retried.
    ///
    /// ```swift
    /// let cluster = try await LocalCluster.start(in: ".hindsight", logger: logger)
    /// try await cluster.keepingServer {
    ///     // … use cluster.conninfo …
    /// }
    /// try await cluster.stop()
    /// ```
    ///
    /// - Parameter body: runs in the caller's task. The watch ends with it; the server continues to run until
    ///   ``stop()``.
    /// - Throws: what `body` throws.
    @discardableResult
    public func keepingServer<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await keepServer() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Starts the server again if it is gone, unless ``stop()`` has been called. Waits while another app does the same.
    ///
    /// - Throws: ``LocalClusterError``; `CancellationError`.
    public func startIfGone() async throws {
        guard server.isGoneOrGoing else { return }
        try await use.restart(server)
    }

    /// Watches the server until the task is cancelled.
    private func keepServer() async {
        var pause = Self.interval
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: pause)
                pause = Self.interval
                guard server.isGoneOrGoing else { continue }
                try await startIfGone()
                // It may belong to another container, or its folder has been removed.
                if server.isGoneOrGoing { pause = Self.longInterval }
            } catch is CancellationError {
                return
            } catch {
                guard !Task.isCancelled else { return }
                pause = Self.longInterval
                server.logger.warning(
                    "local database server cannot be started again",
                    metadata: ["cluster.folder": "\(server.folder.home)", "error.message": "\(error)"])
            }
        }
    }
}
