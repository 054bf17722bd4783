/// What a rebuild is doing.
public enum RebuildPhase: String, Hashable, Sendable, CaseIterable {
    /// It reads the log and folds it.
    case reading
    /// It merges what was written more than once, and makes the key and the indexes.
    case indexing
    /// It applies what was appended in the meantime.
    case catchingUp = "catching up"
    /// It compares new rows with old ones.
    case verifying
    /// It has compared them, and waits to be continued.
    case verified
    /// It puts the new rows behind the stable name, and waits for readers that are in the way.
    case swapping

    /// True once the rows up to the goal are in the table, with key and indexes.
    var isLoaded: Bool {
        switch self {
        case .reading, .indexing: false
        case .catchingUp, .verifying, .verified, .swapping: true
        }
    }
}
