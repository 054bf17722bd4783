import HindsightPostgres
import Logging

extension LeaseKeeper {
    /// Tries again what a node of another build has stopped, if this one is of the build that shards go to: during a deployment, nodes of
    /// the build before may stop at events that only this one can fold.
    func retryStopped(_ look: LeaseLook, on connection: PostgresConnection) async throws {
        guard isNewestBuild(among: look.nodes.filter(\.isLiving)) else { return }
        let own = Set(definitions.flatMap { [catalog.key($0), catalog.key($0, .kept)] })
        let keys = look.shards.filter { $0.value.isUntried && own.contains($0.key) && !look.isPaused($0.key) }.keys
        for key in keys.sorted() {
            let build = configuration.build
            let isRetried = try await connection.withSession { [store] session in
                try store.retry(key, build: build, isStart: false, in: &session)
            }
            guard isRetried else { continue }
            logger.info(
                "projection that another build has stopped is tried again",
                metadata: ["projection.name": "\(key.name)", "error.message": "\(look.shards[key]?.state.error ?? "")"])
        }
    }

    /// True if the first node of this build came after those of all others: shards that both declare go to it.
    private func isNewestBuild(among nodes: [NodeRecord]) -> Bool {
        let first = Dictionary(nodes.map { ($0.build, $0.number) }, uniquingKeysWith: min)
        return first.max { $0.value < $1.value }?.key == configuration.build
    }
}
