public import ArgumentParser
import Hindsight
public import HindsightEventCentre
import HindsightNATS
import Logging

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The options of commands that talk to an event centre: where NATS is, and which centre.
///
/// Who the program is, the environment says, as for a log on JetStream: `HINDSIGHT_NATS_CREDENTIALS` names a credentials file, for
/// example.
public struct CentreOptions: ParsableArguments, Sendable {
    /// Where the NATS servers are.
    @Option(help: "A NATS server, as nats://HOST:PORT or tls://HOST:PORT; may be given several times.")
    public var nats = ["nats://127.0.0.1:4222"]

    /// What the centre's subjects begin with. Defaults to the app's name.
    @Option(help: "What the subjects of the event centre begin with. Defaults to the program's name.")
    public var prefix: String?

    /// The defaults.
    public init() {}

    /// Checks what the parser cannot check.
    public func validate() throws {
        guard !nats.isEmpty else { throw ValidationError("--nats names a server") }
        if let prefix, prefix.isEmpty { throw ValidationError("--prefix is not empty") }
    }

    /// Hands a command in to the centre until there is a receipt, as `EventCentreClient.submit` does. It needs no database.
    ///
    /// - Parameters:
    ///   - command: the command.
    ///   - app: the app whose centre it is.
    ///   - id: the command's id: the same for a command that is handed in again.
    ///   - options: the form of the output, and what to log.
    ///   - report: gets the receipt, also of a command that was refused, and where to write what came of it.
    /// - Throws: `EventCentreError`; ``CommandError`` if the program was built without the trait `NATS`; what `report` throws.
    public func submit<C: Command, App: HindsightApplication>(
        _ command: C, to app: App.Type, id: UUID, options: RuntimeOptions,
        _ report: (CommandReceipt, CommandOutput) throws -> Void
    ) async throws {
        #if NATS
            let output = CommandOutput(program: App.name, isJSON: options.json)
            let logger = output.logger(level: Logger.Level(rawValue: options.logLevel) ?? .notice)
            let receipt = try await NATSClient.withClient(try configuration(), logger: logger) { client in
                try await EventCentreClient(client, prefix: prefix ?? App.name).submit(command, id: id)
            }
            try report(receipt, output)
            try output.flush()
        #else
            throw CommandError.withoutNATS("the event centre cannot be reached")
        #endif
    }

    /// Does a task for the centre, one event after the other, as `EventCentreClient.work` does. It needs no database. SIGINT and SIGTERM
    /// end it, with success, when the event that it is at is done.
    ///
    /// - Parameters:
    ///   - task: the task's name.
    ///   - app: the app whose centre it is.
    ///   - options: the form of the output, and what to log.
    ///   - sharing: with whom the events are shared. Defaults to all who do the task.
    ///   - handler: does the task for an event, and says what came of it; it may write to the output. `TaskFailure` says that it cannot be
    ///     done. What else it throws ends the command.
    /// - Throws: `EventCentreError`; ``CommandError`` if the program was built without the trait `NATS`; what `handler` throws.
    public func work<App: HindsightApplication>(
        on task: String, of app: App.Type, options: RuntimeOptions, sharing: TaskSharing = .task,
        _ handler: @escaping @Sendable (TaskDelivery, CommandOutput) async throws -> String?
    ) async throws {
        #if NATS
            let output = CommandOutput(program: App.name, isJSON: options.json)
            let logger = output.logger(level: Logger.Level(rawValue: options.logLevel) ?? .notice)
            let client = try NATSClient(try configuration(), logger: logger)
            let worker = CentreWorker {
                try await EventCentreClient(client, prefix: prefix ?? App.name).work(on: task, sharing: sharing) {
                    let result = try await handler($0, output)
                    try output.flush()
                    return result
                }
            }
            try await CentreServices.run(worker, over: client, drainingWithin: .seconds(30), logger: logger)
        #else
            throw CommandError.withoutNATS("the event centre cannot be reached")
        #endif
    }

    #if NATS
        /// How to connect.
        func configuration() throws -> NATSConfiguration {
            var configuration = try StreamAccess(environment: ProcessInfo.processInfo.environment).configuration()
            configuration.servers = nats
            return configuration
        }
    #endif
}
