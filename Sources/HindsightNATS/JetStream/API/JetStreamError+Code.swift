#if NATS
    extension JetStreamError {
        /// The kinds of failure. More can be added in later versions.
        public struct Code: Hashable, Sendable, CustomStringConvertible {
            private enum Kind: String {
                case batchesDisabled, batchHasKnownID, batchIncomplete, batchTooLarge, cancelled, closed
                case configurationMismatch, connection, consumerDeleted, consumerExists, consumerNotFound
                case deliveriesMissed, draining, drainTimedOut, heartbeatsMissed, idInProcess, invalidRequest,
                    messageNotFound, messageTooLarge
                case notStored, serverError, streamExists, streamNotFound, timedOut, tooManyBatches, unavailable
                case unexpectedAnswer, unsupported, wrongLastMessageID, wrongLastSequence, wrongStream
            }

            private let kind: Kind
            let isRetriable: Bool

            private init(_ kind: Kind, isRetriable: Bool = false) {
                self.kind = kind
                self.isRetriable = isRetriable
            }

            /// Its name, as in the source.
            public var description: String { kind.rawValue }

            /// The stream does not take atomic batches: its configuration has no `allow_atomic`.
            public static let batchesDisabled = Code(.batchesDisabled)
            /// A message of a batch has an id that the stream has seen within its duplicate window. Nothing was stored now; the
            /// batch may have been stored before.
            public static let batchHasKnownID = Code(.batchHasKnownID)
            /// Messages of a batch are missing: it waited too long for the next one, a leader changed, or the connection was lost.
            /// Nothing was stored. It can be sent again.
            public static let batchIncomplete = Code(.batchIncomplete, isRetriable: true)
            /// A batch has more messages than the server takes, 1,000 if it is not configured otherwise.
            public static let batchTooLarge = Code(.batchTooLarge)
            /// The task that waited was cancelled. Nothing is known of what it waited for.
            public static let cancelled = Code(.cancelled)
            /// The client, or the reading of messages, is closed.
            public static let closed = Code(.closed)
            /// The server has not done what was asked for, as an old one does with settings that it does not know.
            public static let configurationMismatch = Code(.configurationMismatch)
            /// Something is wrong with the connection: see ``JetStreamError/underlying``.
            public static let connection = Code(.connection)
            /// The consumer was deleted while its messages were read.
            public static let consumerDeleted = Code(.consumerDeleted)
            /// There is a consumer of that name with another configuration.
            public static let consumerExists = Code(.consumerExists)
            /// There is no such consumer.
            public static let consumerNotFound = Code(.consumerNotFound)
            /// Messages of a consumer did not arrive. They are asked for again.
            public static let deliveriesMissed = Code(.deliveriesMissed, isRetriable: true)
            /// The client drains: it takes nothing new.
            public static let draining = Code(.draining)
            /// The time for a drain was over before everything was handled.
            public static let drainTimedOut = Code(.drainTimedOut)
            /// Nothing was heard of a consumer for two heartbeats. It is asked again.
            public static let heartbeatsMissed = Code(.heartbeatsMissed, isRetriable: true)
            /// A message with the same id is being stored at this moment.
            public static let idInProcess = Code(.idInProcess, isRetriable: true)
            /// What was asked for makes no sense; nothing was sent, or the server says so.
            public static let invalidRequest = Code(.invalidRequest)
            /// There is no such message. A server that lags says so too.
            public static let messageNotFound = Code(.messageNotFound)
            /// The message is larger than the stream takes.
            public static let messageTooLarge = Code(.messageTooLarge)
            /// The stream has no room, or could not write. It can be sent again when there is room.
            public static let notStored = Code(.notStored, isRetriable: true)
            /// The server reports another error: see ``JetStreamError/serverCode``.
            public static let serverError = Code(.serverError)
            /// There is a stream of that name with another configuration.
            public static let streamExists = Code(.streamExists)
            /// There is no such stream.
            public static let streamNotFound = Code(.streamNotFound)
            /// No answer came in time. What was published is of unknown fate.
            public static let timedOut = Code(.timedOut, isRetriable: true)
            /// More batches are open than the server allows.
            public static let tooManyBatches = Code(.tooManyBatches, isRetriable: true)
            /// Nobody answers for the stream or the consumer: it does not exist, its servers are down, or they elect a leader.
            public static let unavailable = Code(.unavailable, isRetriable: true)
            /// The server's answer is not what the protocol says.
            public static let unexpectedAnswer = Code(.unexpectedAnswer)
            /// The server is too old for it.
            public static let unsupported = Code(.unsupported)
            /// The last message of the stream has another id than expected. Nothing was stored.
            public static let wrongLastMessageID = Code(.wrongLastMessageID)
            /// The last message of the stream, or of the subject, has another sequence than expected. Nothing was stored.
            public static let wrongLastSequence = Code(.wrongLastSequence)
            /// The subject belongs to another stream than expected. Nothing was stored.
            public static let wrongStream = Code(.wrongStream)
        }
    }

    extension JetStreamError.Code {
        /// The kind of failure behind a number of the server.
        ///
        /// Source: <https://github.com/nats-io/nats-server/blob/main/server/errors.json>
        init(serverCode: Int) {
            switch serverCode {
            case 10005...10009, 10118, 10119: self = .unavailable
            case 10013, 10105, 10148: self = .consumerExists
            case 10014, 10149: self = .consumerNotFound
            case 10023, 10047, 10077: self = .notStored
            case 10037, 10043: self = .messageNotFound
            case 10054: self = .messageTooLarge
            case 10058: self = .streamExists
            case 10059: self = .streamNotFound
            case 10060: self = .wrongStream
            case 10070: self = .wrongLastMessageID
            case 10071, 10164: self = .wrongLastSequence
            case 10158: self = .idInProcess
            case 10174: self = .batchesDisabled
            case 10175, 10177, 10179, 10200: self = .invalidRequest
            case 10176: self = .batchIncomplete
            case 10199: self = .batchTooLarge
            case 10201: self = .batchHasKnownID
            case 10210, 10211: self = .tooManyBatches
            default: self = .serverError
            }
        }
    }
#endif
