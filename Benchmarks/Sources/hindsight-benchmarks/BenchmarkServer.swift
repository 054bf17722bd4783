import Foundation
import Hindsight
import HindsightCluster
import HindsightPostgres
import Logging
import Subprocess
import SystemPackage

/// A PostgreSQL server for the measurements alone: default settings, fsync on, on a Unix socket.
struct BenchmarkServer: Sendable {
    let folder: String
    let conninfo: String

    static let logger = {
        var logger = Logger(label: "benchmark")
        logger.logLevel = .warning
        return logger
    }()

    /// For what is cut off on purpose, and would warn of it.
    static let silent = {
        var logger = Self.logger
        logger.logLevel = .critical
        return logger
    }()

    static func withServer<Value>(_ body: (BenchmarkServer) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hindsight-benchmark-\(ProcessInfo.processInfo.processIdentifier)").path
        let cluster = try await LocalCluster.start(in: folder, logger: logger)
        let server = BenchmarkServer(folder: folder, conninfo: cluster.conninfo)
        let value: Value
        do {
            value = try await body(server)
        } catch {
            // The first error is the one to tell.
            try? await cluster.stop()
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        try await cluster.stop()
        try FileManager.default.removeItem(atPath: folder)
        return value
    }

    /// Runs a measurement on a log in a database of its own.
    func withLog<Value>(
        database: String, keep: Bool = false, _ body: (PostgresEventLog, PostgresPool) async throws -> Value
    ) async throws -> Value {
        try await createDatabase(database)
        let pool = PostgresPool(
            configuration: PostgresConfiguration(conninfo(database)), maximumConnections: 8, logger: Self.logger)
        try await Migrator(pool: pool, logger: Self.logger).migrate()
        let value = try await withRunning(PostgresEventLog(pool: pool, logger: Self.logger)) { log in
            try await body(log, pool)
        }
        await pool.close()
        if !keep { try await dropDatabase(database) }
        return value
    }

    func conninfo(_ database: String) -> String {
        conninfo.replacing(/dbname=\S+/, with: "dbname=\(database)")
    }

    func createDatabase(_ name: String) async throws {
        try await withAdministration { session in
            let exists = try session.query("select from pg_database where datname = \(name)")
            if exists.isEmpty { try session.execute("create database \(identifier: PostgresIdentifier(name))") }
        }
    }

    /// Creates a database whose log has the events of a file.
    func createDatabase(_ name: String, importing file: String) async throws {
        try await createDatabase(name)
        _ = try await ShopChild.run(["events", "import", file], conninfo: conninfo(name))
        // The server does this by itself a minute after a load; it need not fall into a measurement.
        try await withLog(database: name, keep: true) { _, pool in
            try await pool.withSession { session in try session.script("vacuum analyze hindsight.events") }
        }
    }

    func dropDatabase(_ name: String) async throws {
        try await withAdministration { session in
            try session.execute("drop database if exists \(identifier: PostgresIdentifier(name)) with (force)")
        }
    }

    /// Writes out what earlier measurements left behind, so that the next one does not pay for it.
    func checkpoint() async throws {
        try await withAdministration { session in try session.execute("checkpoint") }
    }

    private func withAdministration(_ body: @Sendable (inout PostgresSession) throws -> Void) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(conninfo), logger: Self.logger)
        try await connection.withSession(body)
        await connection.close()
    }

    /// Runs a program and returns what it printed.
    static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws
        -> String
    {
        var variables = Environment.inherit
        for (name, value) in environment {
            variables = variables.updating([Environment.Key(rawValue: name)!: value])
        }
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: variables,
            output: .string(limit: 16 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw BenchmarkError("\(program) failed: \(result.standardError)")
        }
        return result.standardOutput
    }

    /// This program, for measurements that need a process of their own.
    static var executable: String {
        get throws { try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") }
    }
}

/// What keeps a measurement from being made.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
