/// A part of the schema that can be there without the other.
public enum SchemaPart: String, Hashable, Sendable, CaseIterable {
    /// The event log in PostgreSQL. A database that holds only views, of events that are kept elsewhere, does without.
    case log
    /// What the engine keeps beside the views: offsets, leases, versions. A database that holds only a log does without.
    case engine
}
