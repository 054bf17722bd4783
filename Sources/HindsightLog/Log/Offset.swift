#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How far a reader has come: the position of an event that it has seen, and that event's id.
///
/// The id is the *anchor*. A log that was rewound, restored from an old backup or replaced shows another event at the
/// position, or none, and the reader stops instead of continuing in the wrong place.
public struct Offset: Hashable, Sendable {
    /// The position, 0 before the first event.
    public var position: Int64
    /// The id of the event at the position; nil only at 0.
    public var anchor: UUID?

    /// Before the first event.
    public static let beginning = Offset(position: 0, anchor: nil)

    /// The place of an event.
    public init(position: Int64, anchor: UUID?) {
        self.position = position
        self.anchor = anchor
    }
}
