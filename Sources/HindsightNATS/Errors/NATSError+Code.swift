#if NATS
    extension NATSError {
        /// The kinds of failure. More can be added in later versions.
        public struct Code: Hashable, Sendable, CustomStringConvertible {
            private enum Kind: String {
                case authorization, cancelled, closed, connectionFailed, disconnected, draining, drainTimedOut
                case invalidConfiguration, invalidHeader, invalidSubject, noResponders, payloadTooLarge, permissions
                case protocolViolation, reconnecting, serverError, staleConnection, timedOut
            }

            private let kind: Kind
            let isRetriable: Bool

            private init(_ kind: Kind, isRetriable: Bool = false) {
                self.kind = kind
                self.isRetriable = isRetriable
            }

            /// Its name, as in the source.
            public var description: String { kind.rawValue }

            /// The server refused who the client says it is.
            public static let authorization = Code(.authorization)
            /// The task that waited was cancelled. Nothing is known of what it waited for.
            public static let cancelled = Code(.cancelled)
            /// The client or the subscription is closed.
            public static let closed = Code(.closed)
            /// No server could be reached.
            public static let connectionFailed = Code(.connectionFailed, isRetriable: true)
            /// There is no connection, and the buffer for the time without one is full.
            public static let disconnected = Code(.disconnected, isRetriable: true)
            /// The client or the subscription drains: it takes nothing new.
            public static let draining = Code(.draining)
            /// The time for a drain was over before everything was handled. It was closed all the same.
            public static let drainTimedOut = Code(.drainTimedOut)
            /// The configuration cannot be used: an address, a credentials file, a limit.
            public static let invalidConfiguration = Code(.invalidConfiguration)
            /// A header has a name or a value that cannot be sent.
            public static let invalidHeader = Code(.invalidHeader)
            /// A subject that the protocol cannot carry, or a wildcard where a literal subject is needed.
            public static let invalidSubject = Code(.invalidSubject)
            /// Nobody listens on the subject of a request.
            public static let noResponders = Code(.noResponders, isRetriable: true)
            /// Payload and headers are larger than the server takes. Nothing was sent.
            public static let payloadTooLarge = Code(.payloadTooLarge)
            /// The account may not publish or subscribe there.
            public static let permissions = Code(.permissions)
            /// The server sent what the protocol does not know.
            public static let protocolViolation = Code(.protocolViolation, isRetriable: true)
            /// The client was asked to drain while it had no connection. It closed instead.
            public static let reconnecting = Code(.reconnecting)
            /// The server reported an error of its own.
            public static let serverError = Code(.serverError)
            /// The server did not answer pings.
            public static let staleConnection = Code(.staleConnection, isRetriable: true)
            /// No answer came in time.
            public static let timedOut = Code(.timedOut, isRetriable: true)
        }
    }
#endif
