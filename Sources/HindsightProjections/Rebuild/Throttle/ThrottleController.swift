import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging

/// Watches live traffic while a rebuild runs, and sets how much of the time the rebuild may work.
struct ThrottleController: Sendable {
    let throttle: RebuildThrottle
    let pool: PostgresPool
    let log: any EventLog
    let catalog: ProjectionCatalog
    let logger: Logger

    private static let interval: Duration = .milliseconds(50)

    func run() async throws {
        guard throttle.isAutomatic else { return }
        var plan = ThrottlePlan()
        while true {
            do {
                let start = ContinuousClock.now
                let head = try await log.frontier().position
                let took = ContinuousClock.now - start
                throttle.set(share: plan.next(head: head, live: try await live(), took: took))
            } catch let error where error.isPassing {
                logger.debug("live traffic not seen", metadata: ["error.message": "\(error)"])
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// The position of the projection furthest behind that some process keeps up to date; nil if there is none.
    private func live() async throws -> Int64? {
        try await pool.withSession { [catalog] session in
            try catalog.store.rearmost(over: catalog.log, in: &session)
        }
    }
}

/// Decides from a few numbers how much of the time a rebuild may work: increases are gradual, decreases immediate.
struct ThrottlePlan: Hashable, Sendable {
    /// The share of the time that one reader works while others append.
    private(set) var share = 0.3
    private var lastHead: Int64?
    private var quiet = 0
    private var fastest = Duration.seconds(1)

    private static let least = 0.1
    private static let most = 0.8
    /// How many looks in a row must find nothing appended before the rebuild runs without limit.
    private static let patience = 10

    /// - Parameters:
    ///   - head: the log's frontier.
    ///   - live: the position of the live projection furthest behind; nil if there is none.
    ///   - took: how long it took to ask for the frontier.
    /// - Returns: the share; nil for no limit.
    mutating func next(head: Int64, live: Int64?, took: Duration) -> Double? {
        defer { lastHead = head }
        guard let lastHead else { return share }
        quiet = head == lastHead ? quiet + 1 : 0
        fastest = min(fastest, took)
        guard quiet < Self.patience else { return nil }
        // Events appended before the last look should be applied by now.
        let isBehind = live.map { $0 < lastHead } ?? false
        let isSlow = took > max(fastest * 8, .milliseconds(5))
        share = isBehind || isSlow ? max(Self.least, share * 0.7) : min(Self.most, share + 0.02)
        return share
    }
}
