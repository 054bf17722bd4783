import Hindsight
import HindsightPostgres
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Holds off a second mirror to the log in a database.
///
/// It is for those who start a second one by mistake. What keeps events from being stored twice are their ids, so it matters little if the
/// connection is lost.
struct MirrorLock {
    private let log: any EventLog
    private let source: String?
    private let database: PostgresConfiguration
    private let place: String
    private let logger: Logger

    /// - Parameter source: what is copied, if several copies to one log may go on at once.
    init(_ runtime: AppRuntime, source: String? = nil) {
        self.source = source
        log = runtime.log
        database = runtime.database
        place = runtime.place
        logger = runtime.logger
    }

    /// Runs `body` while no other mirror can.
    ///
    /// - Throws: ``CommandError`` if there is one; what `body` throws.
    func hold(_ body: () async throws -> Void) async throws {
        let name = "hindsight.mirror \(try await log.identity().uuidString) \(source ?? "")"
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do {
            let isFree = try await connection.withSession { session in
                try session.query("select pg_try_advisory_lock(hashtextextended(\(name), 0))")[0].decode(
                    0, as: Bool.self)
            }
            guard isFree else {
                throw CommandError("another mirror is at work on \(place): let that one run, or end it first")
            }
            try await body()
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
