package import HindsightLog

#if Tracing
    import Tracing
#endif

/// The span of an append, whose trace goes with the events. Without the trait `Tracing`, or without an instrument, nothing is
/// added to anything.
package enum AppendSpan {
    /// Appends within a span.
    ///
    /// - Parameters:
    ///   - appends: what is to be appended; it has been checked.
    ///   - limits: which the events keep to with a trace as well.
    ///   - append: appends the events, which now carry the trace.
    package static func around(
        _ appends: [StreamAppend], within limits: EventLogLimits,
        _ append: ([StreamAppend]) async throws -> [AppendResult]
    ) async throws -> [AppendResult] {
        #if Tracing
            guard Instruments.areThere else { return try await append(appends) }
            return try await withSpan(SpanName.append, ofKind: .producer) { span in
                begin(span, appends)
                let results = try await append(TraceMembers(of: span.context).added(to: appends, within: limits))
                end(span, results)
                return results
            }
        #else
            return try await append(appends)
        #endif
    }

    /// The same within a transaction of the caller.
    package static func around(
        _ appends: [StreamAppend], within limits: EventLogLimits, _ append: ([StreamAppend]) throws -> [AppendResult]
    ) throws -> [AppendResult] {
        #if Tracing
            guard Instruments.areThere else { return try append(appends) }
            return try withSpan(SpanName.append, ofKind: .producer) { span in
                begin(span, appends)
                let results = try append(TraceMembers(of: span.context).added(to: appends, within: limits))
                end(span, results)
                return results
            }
        #else
            return try append(appends)
        #endif
    }

    /// The same for events of several streams, in their order.
    package static func around(
        inOrder events: [StreamEvent], within limits: EventLogLimits,
        _ append: ([StreamEvent]) async throws -> [AppendResult]
    ) async throws -> [AppendResult] {
        #if Tracing
            guard Instruments.areThere else { return try await append(events) }
            return try await withSpan(SpanName.append, ofKind: .producer) { span in
                begin(span, Dictionary(grouping: events, by: \.stream).map { StreamAppend($0, $1.map(\.event)) })
                let results = try await append(TraceMembers(of: span.context).added(to: events, within: limits))
                end(span, results)
                return results
            }
        #else
            return try await append(events)
        #endif
    }

    #if Tracing
        private static func begin(_ span: any Span, _ appends: [StreamAppend]) {
            guard span.isRecording else { return }
            span.updateAttributes { attributes in
                attributes[SpanKey.system] = "hindsight"
                attributes[SpanKey.operation] = "append"
                attributes[SpanKey.operationType] = "send"
                attributes[SpanKey.count] = appends.reduce(0) { $0 + $1.events.count }
                if appends.count == 1 {
                    attributes[SpanKey.stream] = appends[0].stream.rawValue
                } else {
                    attributes[SpanKey.streams] = appends.count
                }
            }
        }

        private static func end(_ span: any Span, _ results: [AppendResult]) {
            guard span.isRecording, let last = results.max(by: { $0.position < $1.position }) else { return }
            span.updateAttributes { attributes in
                attributes[SpanKey.position] = last.position
                if last.isDuplicate { attributes[SpanKey.isDuplicate] = true }
            }
        }
    #endif
}
