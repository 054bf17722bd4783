#if Tracing
    import Tracing
#endif

/// The spans of a request to the event centre: of whoever asks, and of the node that answers, which goes on with that trace. Without the
/// trait `Tracing`, or without an instrument, there are none.
package enum RequestSpan {
    /// Asks within a span.
    ///
    /// - Parameters:
    ///   - subject: where to.
    ///   - ask: sends the request, with the trace in these headers.
    package static func asking<Value>(
        _ subject: String, _ ask: ([String: String]) async throws -> Value
    ) async throws -> Value {
        #if Tracing
            guard Instruments.areThere else { return try await ask([:]) }
            return try await withSpan(SpanName.request, ofKind: .client) { span in
                begin(span, subject, operation: "request")
                var headers: [String: String] = [:]
                InstrumentationSystem.instrument.inject(span.context, into: &headers, using: Injection())
                return try await ask(headers)
            }
        #else
            return try await ask([:])
        #endif
    }

    /// Answers a request within a span.
    ///
    /// - Parameters:
    ///   - subject: where it came to.
    ///   - header: the value of one of its headers.
    ///   - answer: answers it.
    ///   - failure: why what that returns is no answer to the request; nil if it is one.
    package static func answering<Value>(
        _ subject: @autoclosure () -> String, header: @escaping @Sendable (String) -> String?,
        _ answer: () async -> Value, failure: (Value) -> (any Error)?
    ) async -> Value {
        #if Tracing
            guard Instruments.areThere else { return await answer() }
            var context = ServiceContext.current ?? .topLevel
            InstrumentationSystem.instrument.extract(Headers(value: header), into: &context, using: Extraction())
            return await withSpan(SpanName.answer, context: context, ofKind: .server) { span in
                begin(span, subject(), operation: "answer")
                let value = await answer()
                if let error = failure(value) {
                    span.recordError(error)
                    span.setStatus(SpanStatus(code: .error))
                }
                return value
            }
        #else
            return await answer()
        #endif
    }

    #if Tracing
        private struct Injection: Injector {
            func inject(_ value: String, forKey key: String, into headers: inout [String: String]) {
                headers[key] = value
            }
        }

        private struct Headers: Sendable {
            let value: @Sendable (String) -> String?
        }

        private struct Extraction: Extractor {
            func extract(key: String, from headers: Headers) -> String? { headers.value(key) }
        }

        private static func begin(_ span: any Span, _ subject: String, operation: String) {
            guard span.isRecording else { return }
            span.updateAttributes { attributes in
                attributes[SpanKey.system] = "hindsight"
                attributes[SpanKey.operation] = operation
                attributes[SpanKey.operationType] = operation == "request" ? "send" : "process"
                attributes[SpanKey.stream] = subject
            }
        }
    #endif
}
