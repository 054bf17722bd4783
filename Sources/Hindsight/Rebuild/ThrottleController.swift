import HindsightPostgres

/// Watches live traffic while a rebuild runs, and says how much of the time the rebuild's readers may work.
struct ThrottleController: Sendable {
    let throttle: RebuildThrottle
    let pool: PostgresPool
    let log: any EventLog
    let registrar: ProjectionRegistrar

    private static let interval: Duration = .milliseconds(50)

    func run() async throws {
        guard throttle.isAutomatic else { return }
        while true {
            try await Task.sleep(for: Self.interval)
        }
    }
}
