/// What a command does about the engine's schema before it begins.
public enum SchemaPreparation: Sendable {
    /// Migrates it. For commands that write.
    case migrate
    /// Fails, with instructions to migrate, if it is not up to date; a private local database is migrated. For commands
    /// that read.
    case require
    /// Takes it as it is.
    case leave
}
