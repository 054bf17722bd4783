import HindsightCluster
import HindsightTestSupport
import Logging
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A folder for one test's cluster; its server and the folder are gone after the test.
struct ClusterFixture {
    let folder: String
    private let watchdog: Watchdog

    static let logger = Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() }

    init(_ suffix: String = "") async throws {
        let root = "/tmp/hindsight-cluster-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        folder = root + suffix
        watchdog = try await Watchdog.start(over: folder, removing: suffix.hasPrefix("/") ? root : folder)
    }

    func start(settings: [String: String] = [:]) async throws -> LocalCluster {
        defer { withExtendedLifetime(watchdog) {} }
        return try await LocalCluster.start(in: folder, logger: Self.logger, settings: settings)
    }

    /// Runs a shell script with the folder as `$1`; returns what it writes.
    @discardableResult
    func shell(_ script: String) async throws -> String {
        defer { withExtendedLifetime(watchdog) {} }
        return try await Self.shell(script, folder)
    }

    @discardableResult
    static func shell(_ script: String, _ argument: String) async throws -> String {
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", script, "sh", argument], output: .string(limit: 1 << 16))
        return String(result.standardOutput.dropLast())
    }
}

extension LocalCluster {
    /// Runs a statement in the app's database.
    @discardableResult
    func query(_ statement: String) async throws -> String { try await server.psql(statement, database: "hindsight") }
}
