#if Tracing
    import Hindsight
    import HindsightPostgres
    import HindsightTracing
    import InMemoryTracing
    import Testing
    import Tracing

    @Suite("Tracing: appends", .timeLimit(.minutes(3)))
    struct TracingAppendTests {
        private let tracer = InMemoryTracer()

        private func metadata(_ fixture: LogFixture) async throws -> [String?] {
            try await fixture.log.readBackward(limit: 1_000).reversed().map { event in
                event.metadata.map { String(decoding: $0, as: UTF8.self) }
            }
        }

        private func event(_ metadata: String?) -> NewEvent {
            var event = LogFixture.event(1)
            event.metadata = metadata.map { Array($0.utf8) }
            return event
        }

        @Test("An append is a span of the caller's trace, and its events carry that span")
        func span() async throws {
            try await LogFixture.withLog { fixture in
                try await withTracer(tracer) {
                    try await withSpan("request") { _ in
                        _ = try await fixture.log.append([event(nil), event(nil)], to: "order-7", expected: .noStream)
                    }
                }
                let span = try tracer.span("hindsight append")
                #expect(span.kind == .producer)
                #expect(span.parentSpanID == (try tracer.span("request")).spanID)
                #expect(span.traceID == (try tracer.span("request")).traceID)
                #expect(span.text("messaging.system") == "hindsight")
                #expect(span.text("messaging.operation.name") == "append")
                #expect(span.text("messaging.operation.type") == "send")
                #expect(span.text("messaging.destination.name") == "order-7")
                #expect(span.number("messaging.batch.message_count") == 2)
                #expect(span.number("hindsight.position") == 2)
                #expect(span.attributes.get("hindsight.duplicate") == nil)
                let carried = TracePlace(span).metadata
                #expect(try await metadata(fixture) == [carried, carried])
            }
        }

        @Test("The metadata of the caller stays, and a key of the caller is never overwritten")
        func callersMetadata() async throws {
            let own = [
                #"{"user": {"id":1.50}}"#, #"{"in-memory-span-id":"mine"}"#, #"["in-memory-trace-id"]"#, " { } ",
            ]
            try await LogFixture.withLog { fixture in
                try await withTracer(tracer) {
                    _ = try await fixture.log.append(own.map(event), to: "a-1", expected: .any)
                }
                let carried = TracePlace(try tracer.span("hindsight append")).metadata.dropFirst()
                #expect(
                    try await metadata(fixture) == [
                        #"{"user": {"id":1.50},"# + carried, own[1], own[2], " { " + carried + " ",
                    ])
            }
        }

        @Test("Without a tracer nothing is added to metadata")
        func withoutTracer() async throws {
            try await LogFixture.withLog { fixture in
                _ = try await fixture.log.append([event(nil), event("{ }")], to: "a-1", expected: .any)
                try await fixture.log.append([StreamAppend("a-2", [event(nil)]), StreamAppend("a-3", [event(nil)])])
                #expect(try await metadata(fixture) == [nil, "{ }", nil, nil])
            }
        }

        @Test("What another log has recorded before keeps its metadata")
        func imported() async throws {
            try await LogFixture.withLog { fixture in
                var old = event(nil)
                old.recordedAt = old.occurredAt
                try await withTracer(tracer) {
                    _ = try await fixture.log.append([old], to: "a-1", expected: .any)
                    _ = try await fixture.log.append(verbatim: [StreamEvent("a-2", event(nil))])
                }
                #expect(try await metadata(fixture) == [nil, nil])
                #expect(tracer.spans("hindsight append").count == 1)
            }
        }

        @Test("A trace that limits leave no room for is left out")
        func limits() async throws {
            var configuration = PostgresEventLog.Configuration()
            configuration.limits.metadataBytes = 80
            let full = #"{"a":"\#(String(repeating: "x", count: 70))"}"#
            try await LogFixture.withLog(configuration: configuration) { fixture in
                try await withTracer(tracer) {
                    _ = try await fixture.log.append([event(full), event(nil)], to: "a-1", expected: .any)
                }
                #expect(
                    try await metadata(fixture) == [
                        full, TracePlace(try tracer.span("hindsight append")).metadata,
                    ])
            }
            configuration.limits.batchBytes = 100
            tracer.clearAll()
            try await LogFixture.withLog(configuration: configuration) { fixture in
                try await withTracer(tracer) {
                    _ = try await fixture.log.append([event("{}"), event(nil)], to: "a-1", expected: .any)
                }
                #expect(try await metadata(fixture) == ["{}", nil])
                #expect(tracer.spans("hindsight append").count == 1)
            }
        }

        @Test("An append that is repeated in another trace is the same append")
        func repeated() async throws {
            try await LogFixture.withLog { fixture in
                let event = event(nil)
                try await withTracer(tracer) {
                    let first = try await fixture.log.append(event, to: "a-1")
                    let again = try await fixture.log.append(event, to: "a-1")
                    #expect(again.isDuplicate && again.position == first.position)
                }
                let spans = tracer.spans("hindsight append")
                #expect(spans.map { $0.attributes.get("hindsight.duplicate") } == [nil, .bool(true)])
                #expect(Set(spans.map(\.traceID)).count == 2)
                #expect(try await metadata(fixture) == [TracePlace(spans[0]).metadata])
            }
        }

        @Test("Appends to several streams, and in a transaction of the caller, are spans as well")
        func severalStreams() async throws {
            try await LogFixture.withLog { fixture in
                let (first, second, third) = (event(nil), event(nil), event(nil))
                try await withTracer(tracer) {
                    try await fixture.log.append([StreamAppend("a-1", [first]), StreamAppend("a-2", [second])])
                    try await fixture.log.withTransaction { session in
                        _ = try fixture.log.append([third], to: "a-3", in: &session)
                    }
                }
                let spans = tracer.spans("hindsight append")
                try #require(spans.count == 2)
                #expect(spans[0].number("hindsight.streams") == 2)
                #expect(spans[0].text("messaging.destination.name") == nil)
                #expect(spans[1].text("messaging.destination.name") == "a-3")
                let carried = spans.map { TracePlace($0).metadata }
                #expect(try await metadata(fixture) == [carried[0], carried[0], carried[1]])
            }
        }

        @Test("Events of several streams in an order are one span as well")
        func inOrder() async throws {
            try await LogFixture.withLog { fixture in
                let events = ["a-1", "a-2", "a-1"].map { StreamEvent($0, event("{}")) }
                try await withTracer(tracer) { _ = try await fixture.log.append(inOrder: events) }
                let span = try tracer.span("hindsight append")
                #expect(span.number("messaging.batch.message_count") == 3)
                #expect(span.number("hindsight.streams") == 2)
                #expect(span.number("hindsight.position") == 3)
                #expect(
                    try await metadata(fixture) == Array(repeating: TracePlace(span).metadata, count: 3))
            }
        }

        @Test("A refused append is an error on its span")
        func refused() async throws {
            try await LogFixture.withLog { fixture in
                _ = await withTracer(tracer) {
                    await #expect(throws: EventLogError.self) {
                        _ = try await fixture.log.append([event(nil)], to: "a-1", expected: .exact(7))
                    }
                }
                let span = try tracer.span("hindsight append")
                #expect(span.status?.code == .error)
                #expect((span.errors.first?.error as? EventLogError)?.code == .conflict)
            }
        }
    }
#endif
