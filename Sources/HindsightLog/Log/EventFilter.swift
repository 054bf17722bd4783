/// Which events of a log a reader wants.
public enum EventFilter: Hashable, Sendable {
    /// All of them.
    case all
    /// Those of these types.
    case types([String])
    /// Those of streams of this category.
    case category(String)
}
