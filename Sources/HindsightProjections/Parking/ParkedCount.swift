/// How much of a projection is parked.
public struct ParkedCount: Hashable, Sendable {
    /// The number of keys whose rows lack events.
    public var keys: Int
    /// The number of events that these rows lack; an event that concerns two parked keys counts twice.
    public var events: Int64

    /// Nothing is parked.
    public static let none = ParkedCount(keys: 0, events: 0)

    package init(keys: Int, events: Int64) {
        self.keys = keys
        self.events = events
    }
}
