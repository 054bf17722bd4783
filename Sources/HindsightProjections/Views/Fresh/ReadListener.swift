import HindsightLog
import HindsightPostgres
import Logging
import Synchronization

/// Hears from other processes how far they have come with the views, while reads of this process wait for them, and for
/// a while afterwards.
///
/// The connection is its own, and says by a lock that somebody listens: it ends with the connection, however this process
/// ends. Anything that keeps it from listening costs those who wait an interval (``WaitingReads/interval``) and nothing else:
/// a pooler that passes on no notifications, a replica, which refuses LISTEN.
struct ReadListener: Sendable {
    let reads: WaitingReads
    let pool: PostgresPool

    /// How long it goes on after the last waiter has gone: for a process that writes and reads in turn, one connection
    /// does for all of it.
    private static let lingering = Duration.seconds(10)
    /// When to try again after it could not listen.
    private static let retry = Duration.seconds(5)

    func run() async {
        while !Task.isCancelled {
            let seen = reads.demand.generation
            guard reads.state.withLock({ $0.waitsForOthers }) else {
                await reads.demand.wait(after: seen)
                continue
            }
            guard await listen() else { continue }
            try? await Task.sleep(for: Self.retry)  // cancelled: the loop ends
        }
    }

    /// - Returns: true if listening failed.
    private func listen() async -> Bool {
        // Failures are met by asking, which goes on all the time.
        guard let connection = try? await PostgresConnection.connect(pool.configuration, logger: Self.quiet) else {
            return true
        }
        let hasFailed: Bool
        do {
            try await listen(on: connection)
            hasFailed = false
        } catch {
            hasFailed = true
        }
        await connection.close()
        return hasFailed
    }

    private static let quiet = Logger(label: "hindsight.reads") { _ in SwiftLogNoOpLogHandler() }

    private func listen(on connection: PostgresConnection) async throws {
        let names = reads.names
        let channel = try await connection.withSession { session in
            try session.query("select \(identifier: names.object("readers_channel"))()")[0].decode(0, as: String.self)
        }
        let notifications = try await connection.notifications(on: channel)
        // From now on others tell. What they committed before is found by a look.
        try await connection.withSession { session in
            _ = try session.execute("select \(identifier: names.object("announce_reader"))()")
        }
        reads.state.withLock { $0.heardSince = $0.board.stamp }
        defer { reads.state.withLock { $0.heardSince = nil } }
        await reads.look(pool)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for try await notification in notifications {
                    for (view, position) in ReaderNews.parse(notification.payload) { reads.hear(view, position) }
                }
            }
            tasks.addTask { await untilUnused() }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    /// Returns when nobody has waited for another process for a while.
    private func untilUnused() async {
        while !Task.isCancelled {
            let isUsed = reads.state.withLock { state in
                state.waitsForOthers
                    || state.waitedForOthers.map { ContinuousClock.now - $0 < Self.lingering } ?? false
            }
            guard isUsed else { return }
            try? await Task.sleep(for: Self.lingering / 4)  // cancelled: the loop ends
        }
    }
}
