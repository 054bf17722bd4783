import Hindsight
import HindsightValues
import Synchronization

/// Appends an event now and then and reads the view at least at its position: the row must have it.
final class FreshReader: Sendable {
    private let appender: LoadAppender
    private let views: Views
    private let findings: Findings
    private let state = Mutex(State())

    private struct State {
        var reads = 0
        var refused = 0
        var latencies: [Double] = []
    }

    init(_ appender: LoadAppender, _ views: Views, _ findings: Findings) {
        self.appender = appender
        self.views = views
        self.findings = findings
    }

    /// How many reads were answered, and how many said that they cannot be.
    var counts: (answered: Int, refused: Int) { state.withLock { ($0.reads, $0.refused) } }

    /// The times from the return of an append to the answer of the read since this was last asked, in milliseconds.
    func takeLatencies() -> [Double] {
        state.withLock { state in
            defer { state.latencies = [] }
            return state.latencies
        }
    }

    /// Has reads woken by notifications until the task is cancelled. Without it they look every 50 milliseconds.
    func listen() async throws { try await views.run() }

    /// Reads until the task is cancelled.
    func run(every interval: Duration) async {
        let stream = StreamName(category: "probe", id: 1)
        var count = 0
        while !Task.isCancelled {
            let event = NewEvent(type: Bumped.eventType, data: Array(#"{"amount":\#(1)}"#.utf8))
            let work = Task { await self.appender.store([event], to: stream) }
            guard let position = await work.value else { return }
            count += 1
            let start = ContinuousClock.now
            do {
                let reading = try await views.row(
                    Tally.self, stream.rawValue, atLeast: position, timeout: .seconds(10))
                let row = reading.value
                if row?.entries != count || row?.lastPosition != position || reading.position < position {
                    findings.note(
                        "a read at least at \(position) answered as of \(reading.position) with \(String(describing: row)), not \(count) entries"
                    )
                }
                state.withLock { state in
                    state.reads += 1
                    state.latencies.append((ContinuousClock.now - start).milliseconds)
                }
            } catch  where Task.isCancelled {
                return
            } catch let error where error.isInterruption {
                state.withLock { $0.refused += 1 }
            } catch {
                findings.note("a fresh read failed: \(error)")
            }
            try? await Task.sleep(for: interval)  // cancelled: the loop ends
        }
    }
}
