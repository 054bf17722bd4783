package import HindsightLog

#if Tracing
    import Tracing
#endif

/// The spans in which a subscription handles events: each goes on with the trace of its event. Without the trait `Tracing`, or
/// without an instrument, there are none.
package struct HandlingSpans {
    #if Tracing
        private let subscription: String?
        /// Whether there is an instrument, asked once for many events.
        private let areWanted = Instruments.areThere
    #endif

    /// - Parameter subscription: the durable name; nil if it has none.
    package init(subscription: String?) {
        #if Tracing
            self.subscription = subscription
        #endif
    }

    /// Handles an event within a span.
    package func around(
        _ event: RecordedEvent, _ handle: (RecordedEvent) async throws -> Void
    ) async throws {
        #if Tracing
            guard areWanted else { return try await handle(event) }
            let context = ServiceContext.current ?? .topLevel
            try await withSpan(
                SpanName.handle, context: StoredTrace(of: event, in: context)?.context ?? context, ofKind: .consumer
            ) { span in
                begin(span, event)
                try await handle(event)
            }
        #else
            try await handle(event)
        #endif
    }

    #if Tracing
        private func begin(_ span: any Span, _ event: RecordedEvent) {
            guard span.isRecording else { return }
            span.updateAttributes { attributes in
                attributes[SpanKey.system] = "hindsight"
                attributes[SpanKey.operation] = "handle"
                attributes[SpanKey.operationType] = "process"
                attributes[SpanKey.stream] = event.stream.rawValue
                attributes[SpanKey.eventID] = "\(event.id)".lowercased()
                attributes[SpanKey.type] = event.type
                attributes[SpanKey.position] = event.position
                attributes[SpanKey.subscription] = subscription
            }
        }
    #endif
}
