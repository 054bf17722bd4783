import Logging

extension LocalCluster {
    /// How often a keeper looks whether the server is there: reading two small files.
    private static let interval = Duration.milliseconds(250)
    /// How long it waits after a start that failed, and where it cannot see the server's process.
    private static let longInterval = Duration.seconds(5)

    /// Runs `body` and keeps the server running meanwhile: if its first process is gone, killed for example, or if somebody shuts
    /// it down, it is started again.
    ///
    /// Each app that uses the server does so. They take turns, and the first one starts it. Connections are lost, and what was not
    /// committed is rolled back; ``conninfo`` stays the same. A start that fails is logged and tried again.
    ///
    /// ```swift
    /// let cluster = try await LocalCluster.start(in: ".hindsight", logger: logger)
    /// try await cluster.keepingServer {
    ///     // … use cluster.conninfo …
    /// }
    /// try await cluster.stop()
    /// ```
    ///
    /// - Parameter body: runs in the caller's task. When it ends, so does the watch; the server runs on until ``stop()``.
    /// - Throws: what `body` throws.
    @discardableResult
    public func keepingServer<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await keepServer() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Starts the server again if it is gone, unless ``stop()`` has been called. It waits while another app does the same.
    ///
    /// - Throws: ``LocalClusterError``; `CancellationError`.
    public func startIfGone() async throws {
        guard server.isGoneOrGoing else { return }
        try await use.restart(server)
    }

    /// Looks after the server until the task is cancelled.
    private func keepServer() async {
        var pause = Self.interval
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: pause)
                pause = Self.interval
                guard server.isGoneOrGoing else { continue }
                try await startIfGone()
                // It may be another container's, or its folder has been removed.
                if server.isGoneOrGoing { pause = Self.longInterval }
            } catch is CancellationError {
                return
            } catch {
                guard !Task.isCancelled else { return }
                pause = Self.longInterval
                server.logger.warning(
                    "local database server cannot be started again",
                    metadata: ["cluster.folder": "\(server.folder.home)", "cluster.error": "\(error)"])
            }
        }
    }
}
