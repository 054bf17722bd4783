package import HindsightLog

#if Tracing
    import Tracing
#endif

/// The span of a batch, with links to the traces of its events. Without the trait `Tracing`, or without an instrument, there is
/// none.
package enum BatchSpan {
    /// Why a projection has stopped at an event of the batch.
    package struct Stop: Error, CustomStringConvertible {
        package let projection: String
        package let position: Int64
        package let description: String

        package init(projection: String, position: Int64, error: String) {
            self.projection = projection
            self.position = position
            description = error
        }
    }

    /// How many events of a batch are looked at for the traces that they carry: its first ones. A batch far behind the head has
    /// thousands.
    package static let linkedEvents = 100

    /// Applies a batch within a span.
    ///
    /// - Parameters:
    ///   - projections: the names of those that it is applied to.
    ///   - apply: applies it.
    ///   - stops: the failures in what that returns.
    package static func around<Value>(
        _ events: [RecordedEvent], for projections: @autoclosure () -> [String], _ apply: () async throws -> Value,
        stops: (Value) -> [Stop]
    ) async throws -> Value {
        #if Tracing
            guard Instruments.areThere else { return try await apply() }
            return try await withSpan(SpanName.batch, ofKind: .consumer) { span in
                guard span.isRecording else { return try await apply() }
                begin(span, events, projections())
                let value = try await apply()
                for stop in stops(value) { note(stop, span) }
                return value
            }
        #else
            return try await apply()
        #endif
    }

    #if Tracing
        private static func begin(_ span: any Span, _ events: [RecordedEvent], _ projections: [String]) {
            span.updateAttributes { attributes in
                attributes[SpanKey.system] = "hindsight"
                attributes[SpanKey.operation] = "apply"
                attributes[SpanKey.operationType] = "process"
                attributes[SpanKey.count] = events.count
                attributes[SpanKey.projections] = projections
                attributes[SpanKey.firstPosition] = events.first?.position
                attributes[SpanKey.lastPosition] = events.last?.position
            }
            var known: Set<[String: String]> = []
            for event in events.prefix(linkedEvents) {
                guard let trace = StoredTrace(of: event), known.insert(trace.members).inserted else { continue }
                span.addLink(SpanLink(context: trace.context, attributes: [SpanKey.position: .int64(event.position)]))
            }
        }

        private static func note(_ stop: Stop, _ span: any Span) {
            span.recordError(
                stop,
                attributes: [SpanKey.projection: .string(stop.projection), SpanKey.position: .int64(stop.position)])
            span.setStatus(SpanStatus(code: .error))
        }
    #endif
}
