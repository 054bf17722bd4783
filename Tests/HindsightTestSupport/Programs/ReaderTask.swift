#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `reader-app` is to do: read a log on JetStream in one way, write what it reads into a table, and end.
package struct ReaderTask: Codable, Sendable {
    /// How it reads.
    package enum Way: String, Codable, Sendable {
        /// By a subscription, whose offset commits with what the handler writes.
        case subscription
        /// By a durable consumer with one message in flight: as a sequence of messages.
        case iteration
        /// The same with a handler, which the client acknowledges for.
        case handler
        /// The same, with one fetch for each message.
        case fetch

        /// The moments that there are.
        package var moments: [Moment] {
            switch self {
            // Behind the commit there is nothing but the next event.
            case .subscription: [.beforeHandling, .beforeCommit]
            case .handler: [.beforeHandling, .beforeCommit, .afterCommit]
            case .iteration, .fetch: [.beforeHandling, .beforeCommit, .afterCommit, .afterAcknowledging]
            }
        }
    }

    /// A moment in the life of a message.
    package enum Moment: String, Codable, Sendable {
        case beforeHandling, beforeCommit, afterCommit, afterAcknowledging
    }

    /// A signal that the reader sends itself: nobody else would meet the moment.
    package struct Interruption: Codable, Sendable {
        package var signal: Int32
        package var moment: Moment
        /// At which message, from 1, of those that this process reads.
        package var message: Int

        package init(signal: Int32, moment: Moment, message: Int) {
            self.signal = signal
            self.moment = moment
            self.message = message
        }
    }

    package var way: Way
    package var server: String
    package var stream: String
    package var database: String
    /// The name of the subscription or of the consumer.
    package var name: String
    /// Whether it stops on SIGTERM, which leaves what it has read ahead to the next one, or drains.
    package var stops: Bool
    /// Nil if it is interrupted from outside or not at all.
    package var interruption: Interruption?
    /// The position after which it ends by itself; nil for never.
    package var last: Int64?

    package init(
        way: Way, server: String, stream: String, database: String, name: String, stops: Bool = false,
        interruption: Interruption? = nil, last: Int64? = nil
    ) {
        self.way = way
        self.server = server
        self.stream = stream
        self.database = database
        self.name = name
        self.stops = stops
        self.interruption = interruption
        self.last = last
    }

    /// What the program says on its standard output when it is connected and handles signals.
    package static let readyLine = "ready"

    /// The task as the program's argument.
    package var argument: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }

    package init(argument: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(argument.utf8))
    }
}
