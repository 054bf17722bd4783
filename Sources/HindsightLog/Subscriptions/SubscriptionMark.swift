/// What a durable subscription stores when an event has been handled.
package enum SubscriptionMark: Hashable, Sendable {
    /// Moves the offset, past these events; everything up to there has been handled.
    case advance(from: Offset, to: Offset, LogChecksum)
    /// Notes that the event at this place has been handled, before one that stands in front of it.
    case note(Offset)

    /// Whether it is stored where the offset and the notes beyond it are these.
    func isStored(_ stored: SubscriptionProgress) -> Bool {
        switch self {
        case .advance(_, let end, _): stored.offset.position >= end.position
        case .note(let place): stored.offset.position >= place.position || stored.beyond[place.position] != nil
        }
    }
}
