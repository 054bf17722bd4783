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

    /// The log that the options and this process's environment name.
    static func current(_ options: RuntimeOptions) throws(CommandError) -> LogChoice {
        try LogChoice(option: options.log, environment: ProcessInfo.processInfo.environment)
    }
}
