/// Whether the first event of a stream is presumed to be the first of its row, which is then inserted without having been looked for.
///
/// Where a presumption is refuted, the batch is folded again with all its rows looked up. Rows of that kind often come together, such as
/// those that somebody else has left there, so the next batches look up theirs as well; but one such row need not cost a view the
/// presumption for as long as its lease lasts.
package struct NewRowPresumption: Sendable {
    /// How many batches look up their rows after a refutation, the one that is folded again included. A view whose presumption is always
    /// wrong folds one batch more in so many.
    package static let batchesWithout = 100

    private let isPossible: Bool
    private var remaining = 0

    /// - Parameter isPossible: false if the key is not the stream's.
    package init(isPossible: Bool) {
        self.isPossible = isPossible
    }

    /// Whether the next batch presumes.
    package var isOn: Bool { isPossible && remaining == 0 }

    /// Notes that a row that was presumed to be new may have been there.
    package mutating func refuted() { remaining = Self.batchesWithout }

    /// Notes that a batch is committed.
    package mutating func committed() { remaining = max(remaining - 1, 0) }
}
