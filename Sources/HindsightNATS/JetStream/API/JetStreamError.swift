#if NATS
    /// What went wrong between a program and JetStream.
    ///
    /// ``description`` names the place and the remedy and never holds payloads or secrets.
    public struct JetStreamError: Error, Sendable {
        /// What kind of failure it is.
        public let code: Code
        /// What was expected, what is there, and what to do.
        public let message: String
        /// The number that the server gives the error, its `err_code`; `nil` if the error is not the server's.
        public let serverCode: Int?
        /// The server's own words.
        public let serverText: String?
        /// The error of the connection beneath it.
        public let underlying: NATSError?

        /// An error of a layer that is built on this one.
        ///
        /// - Parameters:
        ///   - code: what kind of failure it is.
        ///   - message: what was expected, what is there, and what to do. It must not hold secrets.
        ///   - underlying: the error beneath it.
        public init(_ code: Code, _ message: String, underlying: NATSError? = nil) {
            self.init(code, message, serverCode: nil, serverText: nil, underlying: underlying)
        }

        init(_ code: Code, _ message: String, serverCode: Int?, serverText: String?, underlying: NATSError? = nil) {
            self.code = code
            self.message = message
            self.serverCode = serverCode
            self.serverText = serverText
            self.underlying = underlying
        }

        /// Whether the same call can succeed later without a change of the program or of the server's configuration. What was
        /// published may have been stored all the same: with a message id or an expectation that is found out.
        public var isRetriable: Bool { code.isRetriable || (code == .connection && underlying?.isRetriable ?? false) }

        /// The last sequence of the stream or of the subject, if the server said so with ``Code/wrongLastSequence``.
        public var lastSequence: UInt64? {
            guard code == .wrongLastSequence, let serverText else { return nil }
            return serverText.split(separator: " ").last.flatMap { UInt64($0) }
        }
    }

    extension JetStreamError {
        /// What the connection reports.
        ///
        /// - Parameter what: what was about to be done, such as "publishing to orders.7".
        init(_ error: NATSError, _ what: String) {
            let code: Code =
                switch error.code {
                case .noResponders: .unavailable
                case .timedOut: .timedOut
                case .cancelled: .cancelled
                case .closed: .closed
                case .draining: .draining
                case .drainTimedOut: .drainTimedOut
                case .invalidSubject, .invalidHeader: .invalidRequest
                case .payloadTooLarge: .messageTooLarge
                // Codes can be added: what is not named here is a matter of the connection.
                default: .connection
                }
            self.init(code, "\(what): \(error.message)", underlying: error)
        }

        /// What a server answers instead of what was asked for.
        init(serverCode: Int?, status: Int?, text: String, _ what: String) {
            let code: Code =
                if let serverCode { Code(serverCode: serverCode) } else { status == 503 ? .unavailable : .serverError }
            self.init(code, "\(what): the server says \"\(text)\"", serverCode: serverCode, serverText: text)
        }
    }

    extension JetStreamError: CustomStringConvertible {
        /// Code, message and the error beneath, for a log.
        public var description: String {
            let number = serverCode.map { " (\($0))" } ?? ""
            guard let underlying = underlying?.underlying else { return "\(code)\(number): \(message)" }
            return "\(code)\(number): \(message) (\(underlying))"
        }
    }
#endif
