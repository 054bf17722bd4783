#if Tracing
    import HindsightLog
    import Tracing

    /// A trace as members of an event's metadata, in the form that the program's instrument gives it: `traceparent` and
    /// `tracestate` for one that keeps to W3C Trace Context.
    struct TraceMembers: Hashable, Sendable {
        private struct Injection: Injector {
            func inject(_ value: String, forKey key: String, into members: inout TraceMembers) {
                members.pairs.append(Pair(key: key, value: value))
            }
        }

        private struct Pair: Hashable {
            let key: String
            let value: String
        }

        private var pairs: [Pair] = []

        /// Those of a context; none if there is no instrument, or no trace.
        init(of context: ServiceContext) {
            InstrumentationSystem.instrument.inject(context, into: &self, using: Injection())
        }

        /// Appends whose new events carry the trace.
        ///
        /// An event whose metadata is no object, or has one of these keys, stays as it is, and so does one that another log has
        /// recorded before. Where the limits leave no room, none is changed.
        func added(to appends: [StreamAppend], within limits: EventLogLimits) -> [StreamAppend] {
            guard isRoom(in: appends.lazy.flatMap(\.events), limits) else { return appends }
            return appends.map { append in
                var append = append
                append.events = append.events.map { added(to: $0, atMost: limits.metadataBytes) }
                return append
            }
        }

        /// The same for events of several streams.
        func added(to events: [StreamEvent], within limits: EventLogLimits) -> [StreamEvent] {
            guard isRoom(in: events.lazy.map(\.event), limits) else { return events }
            return events.map { StreamEvent($0.stream, added(to: $0.event, atMost: limits.metadataBytes)) }
        }

        private func isRoom(in events: some Sequence<NewEvent>, _ limits: EventLogLimits) -> Bool {
            guard !pairs.isEmpty else { return false }
            let bytes = events.reduce(0) { $0 + $1.data.count + ($1.metadata?.count ?? 0) + size }
            return bytes <= limits.batchBytes
        }

        private func added(to event: NewEvent, atMost limit: Int) -> NewEvent {
            guard event.recordedAt == nil,
                let metadata = MetadataMembers.adding(pairs.map { ($0.key, $0.value) }, to: event.metadata),
                metadata.count <= limit
            else { return event }
            var event = event
            event.metadata = metadata
            return event
        }

        /// What they add to metadata at most, in bytes: each byte escaped, quotes, a colon and a comma.
        private var size: Int {
            2 + pairs.reduce(0) { $0 + 6 * ($1.key.utf8.count + $1.value.utf8.count) + 6 }
        }
    }
#endif
