import Synchronization

/// What was found to be wrong so far.
final class Findings: Sendable {
    private let list = Mutex<[String]>([])

    func note(_ finding: String) { list.withLock { $0.append(finding) } }

    func note(_ findings: [String]) { list.withLock { $0 += findings } }

    var all: [String] { list.withLock { $0 } }
}
