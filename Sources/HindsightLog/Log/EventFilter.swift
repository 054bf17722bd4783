/// The events of a log that a reader wants.
public enum EventFilter: Hashable, Sendable {
    /// All events.
    case all
    /// Events of these types.
    case types([String])
    /// Events in streams of this category.
    case category(String)
}
