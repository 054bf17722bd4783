#if Tracing
    import HindsightLog
    import Synchronization
    import Tracing

    /// The trace that an event's metadata carries.
    struct StoredTrace: Sendable {
        /// What the instrument has read of it: equal for events of one append.
        let members: [String: String]
        /// The context in which the event was appended.
        let context: ServiceContext

        /// The metadata of an event, and what is read of it.
        private final class Carrier: Sendable {
            let metadata: [UInt8]
            let members = Mutex<[String: String]>([:])

            init(_ metadata: [UInt8]) {
                self.metadata = metadata
            }
        }

        private struct Extraction: Extractor {
            func extract(key: String, from carrier: Carrier) -> String? {
                guard let value = MetadataMembers.value(of: key, in: carrier.metadata) else { return nil }
                carrier.members.withLock { $0[key] = value }
                return value
            }
        }

        /// - Parameter context: what the trace is put into. Defaults to nothing.
        /// - Returns: nil if the event carries none.
        init?(of event: RecordedEvent, in context: ServiceContext = .topLevel) {
            guard let metadata = event.metadata else { return nil }
            let carrier = Carrier(metadata)
            var context = context
            InstrumentationSystem.instrument.extract(carrier, into: &context, using: Extraction())
            members = carrier.members.withLock { $0 }
            guard !members.isEmpty else { return nil }
            self.context = context
        }
    }
#endif
