import Synchronization

/// A count that closures on other threads can increase.
final class SharedCount: Sendable {
    private let count = Atomic<Int64>(0)

    /// Increases the count and returns it.
    @discardableResult
    func next() -> Int64 { count.add(1, ordering: .relaxed).newValue }

    var value: Int64 { count.load(ordering: .relaxed) }
}
