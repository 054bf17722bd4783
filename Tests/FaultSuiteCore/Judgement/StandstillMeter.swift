import HindsightProjections
import HindsightValues
import Synchronization

/// Watches how long a projection stands still although there is work for it, whoever has it.
final class StandstillMeter: Sendable {
    /// The longest standstill so far.
    struct Worst: Hashable, Sendable {
        var duration = Duration.zero
        var projection = ""
    }

    private let database: SuiteDatabase
    private let state = Mutex(Worst())

    init(_ database: SuiteDatabase) {
        self.database = database
    }

    /// The worst since this was last asked.
    func takeWorst() -> Worst {
        state.withLock { worst in
            defer { worst = Worst() }
            return worst
        }
    }

    /// Looks until the task is cancelled. While the server is away, everything stands still.
    func run() async {
        var standstills: [String: (standstill: Standstill<Int64>, position: Int64)] = [:]
        while !Task.isCancelled {
            let look = try? await database.look()  // the server is away: somebody wants to append all the time
            let now = ContinuousClock.now
            for (name, place) in look?.places ?? [:] where standstills[name] == nil {
                standstills[name] = (Standstill(), place.position)
            }
            for (name, var known) in standstills {
                // What it stood still before it moved counts as well.
                note(known.standstill.age(at: now), of: name)
                let position = look?.places[name]?.position ?? known.position
                known.standstill.note(position, hasWork: look.map { position < $0.head } ?? true, at: now)
                known.position = position
                standstills[name] = known
            }
            try? await Task.sleep(for: .milliseconds(25))  // cancelled: the loop ends
        }
    }

    private func note(_ age: Duration, of name: String) {
        state.withLock { worst in if age > worst.duration { worst = Worst(duration: age, projection: name) } }
    }
}
