/// What a command does about the engine's schema before it begins.
///
/// Only a command that migrates counts as one that appends: of a log in a stream, the others use no index of ids, also where
/// `HINDSIGHT_ID_INDEX` asks for it, and append without one.
public enum SchemaPreparation: Sendable {
    /// Migrates it. For commands that write.
    case migrate
    /// Fails, with instructions to migrate, if it is not up to date; a private local database is migrated. For commands
    /// that read. One that appends as well has to take ``migrate`` for the index of ids to be used.
    case require
    /// Takes it as it is.
    case leave
}
