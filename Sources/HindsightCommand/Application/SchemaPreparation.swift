/// What a command does about the engine's schema before it begins.
public enum SchemaPreparation: Sendable {
    /// Brings it up to date. For commands that write.
    case migrate
    /// Fails, and says how to migrate, if it is not up to date; a private local database is migrated. For commands that read.
    case require
    /// Takes it as it is.
    case leave
}
