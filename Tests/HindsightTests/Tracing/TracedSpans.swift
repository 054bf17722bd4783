#if Tracing
    import InMemoryTracing
    import Testing
    import Tracing

    extension InMemoryTracer {
        /// The finished spans of a name, in the order in which they ended.
        func spans(_ name: String) -> [FinishedInMemorySpan] {
            finishedSpans.filter { $0.operationName == name }
        }

        /// The only finished span of a name.
        func span(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> FinishedInMemorySpan {
            let found = spans(name)
            try #require(found.count == 1, "\(found)", sourceLocation: sourceLocation)
            return found[0]
        }
    }

    /// A place in a trace.
    struct TracePlace: Hashable {
        var trace: String
        var span: String

        init(_ span: FinishedInMemorySpan) {
            (trace, self.span) = (span.traceID, span.spanID)
        }

        init?(_ link: SpanLink) {
            guard let context = link.context.inMemorySpanContext else { return nil }
            (trace, span) = (context.traceID, context.spanID)
        }

        /// As the metadata of an event has it.
        var metadata: String {
            #"{"\#(InMemoryTracer.traceIDKey)":"\#(trace)","\#(InMemoryTracer.spanIDKey)":"\#(span)"}"#
        }
    }

    extension FinishedInMemorySpan {
        func text(_ key: String) -> String? {
            if case .string(let text) = attributes.get(key) { text } else { nil }
        }

        func number(_ key: String) -> Int64? {
            if case .int64(let number) = attributes.get(key) { number } else { nil }
        }
    }
#endif
