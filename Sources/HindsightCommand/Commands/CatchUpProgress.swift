import Hindsight
import HindsightPostgres

/// Shows the progress of projections until they have caught up.
struct CatchUpProgress: Sendable {
    private let runtime: AppRuntime
    private let before: [ProjectionStatus]

    init(_ runtime: AppRuntime, from before: [ProjectionStatus]) {
        self.runtime = runtime
        self.before = before
    }

    /// Runs `body` and shows progress meanwhile.
    func shown(_ body: () async throws -> Void) async throws {
        async let _ = watch()  // cancelled and awaited when the body has ended
        try await body()
    }

    private func watch() async {
        let report = runtime.output.progress("catching up", unit: "events")
        defer { report.finish() }
        guard report.isShown else { return }
        let administration = runtime.administration
        while !Task.isCancelled {
            do {
                let now = try await administration.list(measuringLag: false)
                // A projection that is stopped or paused makes no progress.
                guard now.contains(where: { $0.offset < $0.head && $0.state != .stopped && $0.pause == nil }) else {
                    return
                }
                let done = zip(before, now).reduce(0) { $0 + max(0, $1.1.offset - $1.0.offset) }
                let all = zip(before, now).reduce(0) { $0 + max(0, $1.1.head - $1.0.offset) }
                let applied = zip(before, now).reduce(0) { $0 + max(0, $1.1.eventsApplied - $1.0.eventsApplied) }
                report.update(applied, fraction: all > 0 ? Double(done) / Double(all) : nil)
                try await Task.sleep(for: .milliseconds(200))
            } catch {
                // The engine waits for an unavailable server, and says so; the bar need not say it again.
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }
}
