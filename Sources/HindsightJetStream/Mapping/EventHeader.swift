#if NATS
    /// The headers of an event's message. The payload is the data, byte for byte.
    enum EventHeader {
        static let id: StaticString = "Nats-Msg-Id"
        static let version: StaticString = "Hs-Version"
        static let type: StaticString = "Hs-Type"
        /// Only if it is not 1.
        static let schemaVersion: StaticString = "Hs-Schema"
        static let occurredAt: StaticString = "Hs-Occurred"
        /// Only of events that were recorded elsewhere before; otherwise it is the time of the server.
        static let recordedAt: StaticString = "Hs-Recorded"
        static let correlationID: StaticString = "Hs-Correlation"
        static let causationID: StaticString = "Hs-Causation"
        static let metadata: StaticString = "Hs-Metadata"
        /// Of a mirror: the identity of the log that the event comes from, and its position there.
        static let origin: StaticString = "Hs-Origin"
        /// Of a mirror: the id of the call that has copied the event.
        static let mirror: StaticString = "Hs-Mirror"

        /// What metadata begins with that a header cannot carry as it is. No JSON text begins so.
        static let base64Prefix = "base64:"
    }

    extension StaticString {
        var text: String { withUTF8Buffer { String(decoding: $0, as: UTF8.self) } }
    }
#endif
