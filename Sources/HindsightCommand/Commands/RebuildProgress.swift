import Hindsight
import Synchronization

/// Shows the progress of a rebuild.
final class RebuildProgress: Sendable {
    private let report: ProgressReport
    /// The rebuild's position at the first look: a resumed rebuild has not done all of its work now.
    private let start = Mutex<(reached: Int64, events: Int64)?>(nil)
    private let last = Mutex<[RebuildStatus]>([])

    init(_ output: CommandOutput) {
        report = output.progress("rebuilding", unit: "events")
    }

    func update(_ statuses: [RebuildStatus]) {
        last.withLock { $0 = statuses }
        guard report.isShown, let slowest = statuses.min(by: { $0.fraction < $1.fraction }) else { return }
        let events = statuses.reduce(0) { $0 + $1.eventsApplied }
        let first = start.withLock { start in
            if start == nil { start = (slowest.reached, events) }
            return start ?? (0, 0)
        }
        let isReading = slowest.phase == .reading
        report.update(
            events - first.events, fraction: isReading ? slowest.fraction : nil,
            // Work done before the start took no time.
            fractionAtStart: slowest.goal > 0 ? Double(first.reached) / Double(slowest.goal) : 0,
            activity: statuses.count == 1 ? "\(slowest.name): \(slowest.phase.rawValue)" : slowest.phase.rawValue,
            rows: statuses.reduce(0) { $0 + $1.rows })
    }

    func finish() {
        report.finish()
    }

    /// What to tell when the rebuild is interrupted.
    ///
    /// - Parameter restarts: whether the command gives up what an unfinished rebuild has done.
    func interruption(restarts: Bool) -> UnfinishedWork {
        let places = last.withLock { $0 }.map { place in
            let goal = Table.grouped(max(place.goal, place.reached))
            let progress =
                "\(place.name) was \(place.phase.rawValue), at position \(Table.grouped(place.reached)) of \(goal)"
            return progress
                + (place.checkpoint > 0
                    ? ", and goes on from its checkpoint at \(Table.grouped(place.checkpoint))"
                    : ", and has no checkpoint yet, so it begins anew")
        }
        let how = restarts ? "the same command without --restart goes on" : "the same command goes on"
        return UnfinishedWork(
            (["interrupted; what is shown stays as it is, and \(how)"] + places).joined(separator: "\n  "))
    }
}
