#if NATS
    /// The subject of messages: tokens with dots between them, such as `orders.eu.placed`.
    ///
    /// In a subscription a token can be `*`, any one token, and the last one `>`, one token or more. A subject is checked once,
    /// when it is made; one that the protocol cannot carry is refused by the call that it is given to, so nothing that a user
    /// typed gets into the protocol as a command.
    ///
    /// Source: <https://docs.nats.io/nats-concepts/subjects>
    public struct NATSSubject: Sendable, ExpressibleByStringInterpolation {
        /// What a subject can be used for.
        enum Form: Hashable, Sendable {
            case literal
            case wildcard
            case invalid(String)
        }

        /// The text of the subject.
        public let rawValue: String
        let form: Form

        /// A subject.
        ///
        /// - Parameter rawValue: tokens of one byte or more, with dots between them, without white space and control
        ///   characters. At most about 4,000 bytes.
        public init(_ rawValue: String) {
            self.rawValue = rawValue
            self.form = Self.form(of: rawValue)
        }

        /// A subject from the text of the program.
        public init(stringLiteral value: String) {
            self.init(value)
        }

        /// One of this client's own making.
        init(unchecked rawValue: String) {
            self.rawValue = rawValue
            form = .literal
        }

        private static func form(of text: String) -> Form {
            var isWildcard = false
            // The bytes of the token so far, and its first one.
            var length = 0
            var first: UInt8 = 0
            var ended = false
            for byte in text.utf8 {
                if ended { return .invalid("\">\" must be the last token") }
                switch byte {
                case UInt8(ascii: "."):
                    if length == 0 { return .invalid("a token is empty") }
                    if length == 1, first == UInt8(ascii: "*") { isWildcard = true }
                    if length == 1, first == UInt8(ascii: ">") { ended = true }
                    length = 0
                case 0...0x20, 0x7F:
                    return .invalid("it has white space or a control character")
                default:
                    if length == 0 { first = byte }
                    length += 1
                }
            }
            if ended { return .invalid("\">\" must be the last token") }
            if length == 0 { return .invalid(text.isEmpty ? "it is empty" : "a token is empty") }
            if length == 1, first == UInt8(ascii: "*") || first == UInt8(ascii: ">") { isWildcard = true }
            return isWildcard ? .wildcard : .literal
        }

        /// Throws if no message can have this subject.
        package func checkLiteral() throws(NATSError) {
            switch form {
            case .literal: return
            case .wildcard:
                throw NATSError(
                    .invalidSubject, "\"\(rawValue)\" has a wildcard; a message needs a subject without one")
            case .invalid(let reason): throw invalid(reason)
            }
        }

        /// Throws if nobody can subscribe to it.
        package func checkFilter() throws(NATSError) {
            switch form {
            case .literal, .wildcard: return
            case .invalid(let reason): throw invalid(reason)
            }
        }

        private func invalid(_ reason: String) -> NATSError {
            NATSError(.invalidSubject, "\(rawValue.debugDescription) is no subject: \(reason)")
        }
    }

    extension NATSSubject: Hashable {
        /// Subjects are the same if their bytes are, as for a server: two ways to write one accented letter are two subjects.
        public static func == (one: Self, other: Self) -> Bool { one.rawValue.utf8.elementsEqual(other.rawValue.utf8) }

        /// By the bytes.
        public func hash(into hasher: inout Hasher) {
            for byte in rawValue.utf8 { hasher.combine(byte) }
        }
    }

    extension NATSSubject: CustomStringConvertible {
        /// The text of the subject.
        public var description: String { rawValue }
    }
#endif
