/// What a rebuild is doing.
public enum RebuildPhase: String, Hashable, Sendable, CaseIterable {
    /// It reads the log and folds it.
    case reading
    /// It merges rows that were written more than once, and creates the key and the indexes.
    case indexing
    /// It applies the events that were appended in the meantime.
    case catchingUp = "catching up"
    /// It compares the new rows with the old ones.
    case verifying
    /// It has compared them, and waits to be continued.
    case verified
    /// It puts the new rows behind the stable name, waiting for readers that are in the way.
    case swapping

    /// True once the rows up to the goal are in the table, with key and indexes.
    var isLoaded: Bool {
        switch self {
        case .reading, .indexing: false
        case .catchingUp, .verifying, .verified, .swapping: true
        }
    }
}
