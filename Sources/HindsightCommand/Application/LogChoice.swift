#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The event log that a command works with, according to its options and the environment.
package enum LogChoice: Hashable, Sendable {
    /// The log in the app's database, beside the views.
    case database
    /// A log in a stream of JetStream.
    case stream(StreamAddress)

    /// The variable that names a log where no option does.
    static let variable = "HINDSIGHT_LOG"

    /// - Parameters:
    ///   - option: the value of `--log`.
    ///   - environment: the environment of the process. An empty variable counts as missing.
    /// - Throws: ``CommandError`` if what names the log is no address.
    package init(option: String?, environment: [String: String]) throws(CommandError) {
        if let option {
            self = .stream(try StreamAddress(option))
        } else if let text = environment[Self.variable], !text.isEmpty {
            do {
                self = .stream(try StreamAddress(text))
            } catch {
                throw CommandError("\(Self.variable): \(error)")
            }
        } else {
            self = .database
        }
    }

    /// The variable that says whether a log in a stream is used with an index of its ids.
    static let idIndexVariable = "HINDSIGHT_ID_INDEX"

    /// Whether a command works with the index of the log's ids in the database. One that does not append has no use for it.
    ///
    /// - Parameters:
    ///   - option: whether there is `--id-index`.
    ///   - environment: the environment of the process. An empty variable counts as missing.
    ///   - preparation: what the command does to the schema, which tells those that may append from the others.
    /// - Throws: ``CommandError`` if the variable is neither 1 nor 0, or the option has no meaning for this log or this command. The
    ///   variable is for all commands, so there it is passed over.
    package func usesIDIndex(
        option: Bool, environment: [String: String], preparation: SchemaPreparation
    ) throws(CommandError) -> Bool {
        let isDesired: Bool
        switch environment[Self.idIndexVariable, default: ""] {
        case "", "0": isDesired = false
        case "1": isDesired = true
        case let other:
            throw CommandError(
                "\(Self.idIndexVariable) is \"\(other)\": it should be 1 for an index of the log's ids in the database, or 0"
            )
        }
        switch (self, preparation) {
        case (.stream, .migrate): return option || isDesired
        case (.database, _) where option:
            throw CommandError(
                "--id-index is for a log in a stream, and the log in the database knows all ids by itself: leave it out, or name the stream with --log or \(Self.variable)"
            )
        case (.stream, .require) where option, (.stream, .leave) where option:
            throw CommandError(
                "--id-index is for commands that append to the log, and this one does not: leave it out. \(Self.idIndexVariable)=1 may be set for all commands"
            )
        case (.database, _), (.stream, .require), (.stream, .leave): return false
        }
    }

    /// The log that the options and this process's environment name.
    static func current(_ options: RuntimeOptions) throws(CommandError) -> LogChoice {
        try LogChoice(option: options.log, environment: ProcessInfo.processInfo.environment)
    }
}
