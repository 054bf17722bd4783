import HindsightProjections
import HindsightValues
import Synchronization

/// Watches how long a projection or the subscription stands still although there is work for it, whoever has it.
final class StandstillMeter: Sendable {
    /// The longest standstill so far.
    struct Longest: Hashable, Sendable {
        var duration = Duration.zero
        var projection = ""

        mutating func note(_ age: Duration, of name: String) {
            if age > duration { self = Longest(duration: age, projection: name) }
        }
    }

    /// The longest standstills so far.
    struct Worst: Hashable, Sendable {
        /// As it was for those who read.
        var whole = Longest()
        /// While the server answered, and it had not stopped at an event.
        var served = Longest()
    }

    private struct Watched {
        var position: Int64
        var whole = Standstill<Int64>()
        var served = Standstill<Int64>()
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
        var watched: [String: Watched] = [:]
        var served = ServedTime(at: .now)
        while !Task.isCancelled {
            let begin = ContinuousClock.now
            let look = try? await database.look()  // the server is away: somebody wants to append all the time
            let now = ContinuousClock.now
            served.note(look != nil, from: begin, to: now)
            for (name, place) in look?.places ?? [:] where watched[name] == nil {
                watched[name] = Watched(position: place.position)
            }
            for (name, var known) in watched {
                // What it stood still before it moved counts as well.
                let (whole, inServed) = (known.whole.age(at: now), known.served.age(at: served.now))
                state.withLock { worst in
                    worst.whole.note(whole, of: name)
                    worst.served.note(inServed, of: name)
                }
                let place = look?.places[name]
                known.position = place?.position ?? known.position
                let hasWork = look.map { known.position < $0.head } ?? true
                known.whole.note(known.position, hasWork: hasWork, at: now)
                known.served.note(
                    known.position, hasWork: hasWork && place?.isStopped != true, at: served.now)
                watched[name] = known
            }
            try? await Task.sleep(for: .milliseconds(25))  // cancelled: the loop ends
        }
    }
}
