#if NATS
    /// What went wrong between a program and a NATS server.
    ///
    /// ``description`` names the place and the remedy and never holds payloads or secrets.
    public struct NATSError: Error, Sendable {
        /// What kind of failure it is.
        public let code: Code
        /// What was expected, what is there, and what to do.
        public let message: String
        /// The error beneath it, of the network or of TLS, if there is one.
        public let underlying: (any Error)?

        /// An error of a layer that is built on the client.
        ///
        /// - Parameters:
        ///   - code: what kind of failure it is.
        ///   - message: what was expected, what is there, and what to do. It must not hold secrets.
        ///   - underlying: the error beneath it.
        public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
            self.code = code
            self.message = message
            self.underlying = underlying
        }

        /// Whether the same call can succeed later without a change of the program or of the server's configuration.
        public var isRetriable: Bool { code.isRetriable }
    }

    extension NATSError: CustomStringConvertible {
        /// Code, message and the error beneath, for a log.
        public var description: String {
            guard let underlying else { return "\(code): \(message)" }
            return "\(code): \(message) (\(underlying))"
        }
    }
#endif
