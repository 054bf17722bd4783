package import HindsightCluster
import Logging

/// A PostgreSQL server for one test, which may stop it, crash it and start it again.
///
/// It is stopped and its folder is removed when this value goes away or the process of the tests ends.
package final class PrivateTestCluster: Sendable {
    /// The server's cluster.
    package let cluster: LocalCluster
    private let watchdog: Watchdog

    /// The libpq conninfo string of the database `hindsight`; the same after a restart.
    package var conninfo: String { cluster.conninfo }

    /// The folder that the cluster was started in.
    package var folder: String { cluster.server.folder.requested }

    private init(cluster: LocalCluster, watchdog: Watchdog) {
        self.cluster = cluster
        self.watchdog = watchdog
    }

    /// Makes a server in a temporary folder of its own, with fsync on.
    ///
    /// - Parameters:
    ///   - settings: settings of PostgreSQL by name.
    ///   - environment: variables for the server's process.
    ///   - root: an empty folder, which the cluster's folder is made in and which is removed with it. Every user must be able to
    ///     pass it. Defaults to none.
    package static func start(
        settings: [String: String] = [:], environment: [String: String] = [:], in root: String? = nil
    ) async throws -> PrivateTestCluster {
        // Not the user's own temporary folder, which the server's user may not reach and whose path may be long.
        let folder =
            root.map { "\($0)/cluster" } ?? "/tmp/hindsight-test-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        let watchdog = try await Watchdog.start(over: folder, removing: root)
        let logger = Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() }
        let all = ["max_connections": "400", "max_prepared_transactions": "20"].merging(settings) { _, new in new }
        return PrivateTestCluster(
            cluster: try await LocalCluster.start(
                in: folder, logger: logger, settings: all, environment: environment), watchdog: watchdog)
    }

    /// Makes an empty database with a name of its own; returns its conninfo string.
    package func makeDatabase() async throws -> String {
        let name = "test_\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        try await cluster.server.createDatabase(name)
        return try await cluster.server.conninfo(database: name)
    }

    /// Stops the server: all sessions end, transactions in progress are rolled back.
    package func stop() async throws { try await cluster.server.stop(.fast) }

    /// Ends the server at once, as a crash would. Commits that did not wait for the disk may be lost.
    package func crash() async throws { try await cluster.server.stop(.immediate) }

    /// Starts the server again after ``stop()`` or ``crash()`` and waits until it takes connections.
    package func start() async throws { try await cluster.server.start() }

    /// Stops the server, or crashes it if `immediate`, and starts it again.
    package func restart(immediate: Bool = false) async throws {
        if immediate { try await crash() } else { try await stop() }
        try await start()
    }
}
