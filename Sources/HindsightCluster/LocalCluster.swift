public import Logging

/// A private PostgreSQL server with its data in a local folder, for an app that has no database configured.
///
/// It listens on a Unix socket in a folder that only its own user and root can enter, and on no network address. Apps
/// that name the same folder share one server: the first starts it, the last to leave stops it. This also holds if an
/// app is killed, because users are counted by the locks of living processes: the server of a killed app keeps running,
/// and the next app uses it and stops it when it leaves. The data is as durable as any PostgreSQL's.
///
/// ```swift
/// let cluster = try await LocalCluster.start(in: ".hindsight", logger: logger)
/// try await cluster.keepingServer {
///     // … use cluster.conninfo …
/// }
/// try await cluster.stop()
/// ```
///
/// A server that is killed while apps use it is started again by the next one that starts, and by those that are inside
/// ``keepingServer(_:)``.
///
/// The server never runs as root. If the app does, the server runs as the folder's owner, else as `postgres`, else as
/// `nobody`; and if that user cannot reach the folder, the files are in a folder below `/var/lib/hindsight`, to which
/// a symbolic link `cluster` in the folder points. Ctrl-C in the app's terminal does not reach the server, so the app
/// can finish its work.
public struct LocalCluster: Sendable {
    /// The libpq conninfo string of the app's database, named `hindsight`: UTF-8, sorted by bytes (collation `C`).
    public let conninfo: String

    package let server: ClusterServer
    let use: ClusterUse

    /// The name of the app's database.
    private static let database = "hindsight"

    /// Starts the server of a folder, or joins one that is running.
    ///
    /// Creates the folder, the data and the database if they are missing, and recovers after a crash. Waits while
    /// another process starts or stops the same server, and while a killed server recovers. If it throws, even because
    /// the task was cancelled, it leaves no server running without users.
    ///
    /// - Parameters:
    ///   - folder: the path of the folder, absolute or relative to the current folder. It is for the cluster alone: a
    ///     folder with other files is refused.
    ///   - logger: receives a few lines at info level: creating, starting.
    ///   - settings: settings of PostgreSQL by name, for the server if this call starts it. A running server keeps its
    ///     own. Settings that determine where the server listens have no effect.
    /// - Returns: the cluster, in use until ``stop()`` or the end of the process.
    /// - Throws: ``LocalClusterError`` with a remedy; `CancellationError`.
    public static func start(
        in folder: String, logger: Logger, settings: [String: String] = [:]
    ) async throws -> LocalCluster {
        try await start(in: folder, logger: logger, settings: settings, environment: [:])
    }

    /// The same with variables for the server's process, if this call starts it: tests preload an object by them.
    package static func start(
        in folder: String, logger: Logger, settings: [String: String], environment: [String: String]
    ) async throws -> LocalCluster {
        do {
            return try await startOrFail(in: folder, logger: logger, settings: settings, environment: environment)
        } catch let error as LocalClusterError where !Task.isCancelled {
            throw error
        } catch let failure as SystemCalls.Failure where !Task.isCancelled {
            throw LocalClusterError(
                .unsuitableFolder, folder: folder, reason: failure.description,
                remedy: "name a folder that can be written")
        } catch {
            // Cancelling ends the programs half-way, so their errors mean nothing.
            try Task.checkCancellation()
            throw LocalClusterError(.startFailed, folder: folder, reason: String(describing: error))
        }
    }

    /// Ends this app's use of the server, and stops the server if no other app uses it. The data stays.
    ///
    /// Completes even in a cancelled task. A second call does nothing. Sessions that are still open are ended if the
    /// server is stopped, and their transactions are rolled back.
    ///
    /// - Throws: ``LocalClusterError`` with the code ``LocalClusterError/Code/stopFailed``.
    public func stop() async throws {
        try await Task { try await use.leave(server) }.value
    }

    private static func startOrFail(
        in path: String, logger: Logger, settings: [String: String], environment: [String: String]
    ) async throws -> LocalCluster {
        let folder = try await ClusterFolder.prepare(path)
        let programs = try await ServerPrograms.find(for: folder)
        let server = ClusterServer(
            folder: folder, programs: programs, settings: settings, environment: environment, logger: logger)
        let (use, conninfo) = try await ClusterUse.enter(server) {
            try await server.initialize()
            try await server.start()
            try await server.createDatabase(database)
            return try await server.conninfo(database: database)
        }
        return LocalCluster(conninfo: conninfo, server: server, use: use)
    }
}
