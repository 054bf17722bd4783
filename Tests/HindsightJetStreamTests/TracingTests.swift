#if NATS && Tracing
    import HindsightJetStream
    import HindsightLog
    import HindsightValues
    import InMemoryTracing
    import Testing
    import Tracing

    @Suite("Tracing: appends to a log on JetStream", .timeLimit(.minutes(2)))
    struct TracingTests {
        private let tracer = InMemoryTracer()

        private func event(_ number: Int) -> NewEvent {
            NewEvent(type: "Counted", data: Array(#"{"n":\#(number)}"#.utf8))
        }

        private func spans() -> [FinishedInMemorySpan] {
            tracer.finishedSpans.filter { $0.operationName == "hindsight append" }
        }

        private func metadata(of span: FinishedInMemorySpan) -> String {
            #"{"\#(InMemoryTracer.traceIDKey)":"\#(span.traceID)","\#(InMemoryTracer.spanIDKey)":"\#(span.spanID)"}"#
        }

        @Test("each kind of append is a span of the caller's trace, and its events carry it")
        func spanOfTheCaller() async throws {
            try await LogFixture.withLog { fixture in
                try await withTracer(tracer) {
                    try await withSpan("request") { _ in
                        try await fixture.log.append([event(1), event(2)], to: "a-1")
                        try await fixture.log.append([StreamAppend("b-1", [event(3)]), StreamAppend("c-1", [event(4)])])
                        try await fixture.log.append(inOrder: [StreamEvent("a-1", event(5))])
                    }
                }
                let request = try #require(tracer.finishedSpans.first { $0.operationName == "request" })
                let spans = spans()
                #expect(
                    spans.count == 3 && spans.allSatisfy { $0.parentSpanID == request.spanID && $0.kind == .producer })
                #expect(spans.map { $0.attributes.get("hindsight.position") } == [.int64(2), .int64(4), .int64(5)])
                let stored = try await fixture.log.readBackward(limit: 10).reversed().map {
                    $0.metadata.map { String(decoding: $0, as: UTF8.self) }
                }
                let carried = spans.map { metadata(of: $0) }
                try #require(carried.count == 3)
                #expect(stored == [carried[0], carried[0], carried[1], carried[1], carried[2]])
            }
        }

        @Test("a repetition in another trace is a duplicate, and a refusal is a span with the error")
        func repetitionsAndRefusals() async throws {
            try await LogFixture.withLog { fixture in
                let known = event(1)
                try await withTracer(tracer) {
                    try await fixture.log.append([known], to: "a-1")
                    try await fixture.another().append([known], to: "a-1")
                    await #expect(throws: EventLogError.self) {
                        try await fixture.log.append([event(2)], to: "a-1", expected: .noStream)
                    }
                }
                let spans = spans()
                try #require(spans.count == 3)
                #expect(spans[0].traceID != spans[1].traceID)
                #expect(spans[1].attributes.get("hindsight.duplicate") == .bool(true))
                #expect(spans[2].errors.count == 1)
                // What is imported stays as it is.
                var imported = event(3)
                imported.recordedAt = .now()
                try await withTracer(tracer) {
                    _ = try await fixture.log.append(verbatim: [StreamEvent("a-1", imported)])
                }
                #expect(self.spans().count == 3)
                #expect(try await fixture.log.readBackward(limit: 1).first?.metadata == nil)
            }
        }
    }
#endif
