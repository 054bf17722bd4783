package import HindsightLog

/// What a projection does with an event that cannot be folded into a row.
@usableFromInline
package struct ParkingPolicy<Row: ViewRow>: Sendable {
    /// The number of keys that may be parked at a time; nil if such an event stops the projection.
    package let maximumKeys: Int?
    /// The key to park for an event that cannot be decoded, or whose key cannot be found; nil if it stops the projection.
    package let keyOfUnreadable: (@Sendable (RecordedEvent) -> Row.Key?)?

    /// Every such event stops the projection.
    @usableFromInline
    package static var stop: ParkingPolicy { ParkingPolicy(maximumKeys: nil, keyOfUnreadable: nil) }
}
