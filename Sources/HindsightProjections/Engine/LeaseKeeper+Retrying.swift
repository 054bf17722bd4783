import HindsightPostgres
import Logging

extension LeaseKeeper {
    /// Tries again what a node of another build has stopped: during a deployment, one of the build before may stop at an event that only
    /// this one can fold.
    func retry(_ keys: [ShardKey], on connection: PostgresConnection) async throws {
        let build = configuration.build
        for key in keys {
            let isRetried = try await connection.withSession { [store] session in
                try store.retry(key, build: build, isStart: false, in: &session)
            }
            guard isRetried else { continue }
            logger.info(
                "projection that another build has stopped is tried again",
                metadata: ["projection.name": "\(key.name)"])
        }
    }
}
