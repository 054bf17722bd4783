/// The position up to which a reader may look: steps one and two of reading, decided without a database.
///
/// A position at or below `lastDrawn` was drawn before `lastDrawn` was read, so the floor lock of its transaction was
/// taken before. When the locks are scanned, which happens later, that transaction either still holds its lock, whose
/// floor is below the position, or has ended; then the snapshot of the third step, which is later still, sees what it
/// committed.
package struct FrontierBound: Hashable, Sendable {
    /// No event can still appear at or below this position.
    package let position: Int64
    /// True while an open append holds the bound below the last drawn position.
    package let isHeld: Bool

    /// - Parameters:
    ///   - lastDrawn: the sequence's last value, 0 before its first use; read first.
    ///   - floorLowHalves: the second keys of the log's floor locks, as `pg_locks` shows them; read second.
    package init(lastDrawn: Int64, floorLowHalves: some Sequence<UInt32>) {
        var bound = lastDrawn
        for low in floorLowHalves {
            bound = min(bound, Self.floor(lowHalf: low, near: lastDrawn))
        }
        position = bound
        isHeld = bound < lastDrawn
    }

    /// The floor that has this low half and is nearest to `reference`: right as long as the two are less than 2³¹
    /// apart.
    package static func floor(lowHalf: UInt32, near reference: Int64) -> Int64 {
        let difference = Int32(bitPattern: lowHalf &- UInt32(truncatingIfNeeded: reference))
        return reference + Int64(difference)
    }
}
