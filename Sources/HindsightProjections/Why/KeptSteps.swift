import Synchronization

/// The last steps of a row, up to a limit.
final class KeptSteps: Sendable {
    private let limit: Int
    private let ring = Mutex<(steps: [RowStep], next: Int)>(([], 0))

    init(limit: Int) {
        self.limit = limit
    }

    func note(_ step: RowStep) {
        guard limit > 0 else { return }
        ring.withLock { ring in
            if ring.steps.count < limit {
                ring.steps.append(step)
            } else {
                ring.steps[ring.next] = step
            }
            ring.next = (ring.next + 1) % limit
        }
    }

    /// The steps, in order.
    var all: [RowStep] {
        ring.withLock { ring in
            ring.steps.count < limit ? ring.steps : Array(ring.steps[ring.next...] + ring.steps[..<ring.next])
        }
    }
}
