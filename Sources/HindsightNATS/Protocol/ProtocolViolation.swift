#if NATS
    /// Bytes that are not of the protocol. A connection that brought them is closed.
    package struct ProtocolViolation: Error, Equatable, CustomStringConvertible {
        /// What was expected and what is there, without payloads.
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }
#endif
