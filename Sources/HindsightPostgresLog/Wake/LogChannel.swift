import HindsightPostgres
import Synchronization

/// The channel on which a log's appends are announced; found once. A role that may only append can find it, too.
final class LogChannel: Sendable {
    private let pool: PostgresPool
    private let names: SchemaNames
    private let known = Mutex<String?>(nil)

    init(pool: PostgresPool, names: SchemaNames) {
        self.pool = pool
        self.names = names
    }

    func name() async throws -> String {
        if let known = known.withLock({ $0 }) { return known }
        let found = try await pool.withSession { [names] session in
            try session.query("select \(identifier: names.logClass)()")[0].decode(0, as: Int32.self)
        }
        let channel = "hindsight_\(found)"
        known.withLock { $0 = channel }
        return channel
    }
}
