#if Tracing
    import Hindsight
    import HindsightPostgres
    import HindsightTracing
    import InMemoryTracing
    import Testing
    import Tracing

    @Suite("Tracing: subscriptions", .timeLimit(.minutes(3)))
    struct TracingSubscriptionTests {
        /// Of the process that appends.
        private let writer = InMemoryTracer(
            idGenerator: .init(nextTraceID: { "writer's trace" }, nextSpanID: { "writer's span" }))
        /// Of the process that handles.
        private let worker = InMemoryTracer()

        @Test("Handling an event goes on with its trace, and so does what the handler appends")
        func goesOn() async throws {
            try await SubscriptionFixture.open { fixture in
                _ = try await withTracer(writer) { try await fixture.append(1...1) }
                try await fixture.append(2...2)
                try await withTracer(worker) {
                    let subscription = fixture.subscription(
                        SubscriptionOptions(name: "mailer", filter: .types(["Counted"])))
                    try await subscription.run { event in
                        try await fixture.append(7...7, type: "Mailed", to: "mail-1")
                        if event.position >= 2 { subscription.stop() }
                    }
                }
                let spans = worker.spans("hindsight handle")
                try #require(spans.count == 2)
                #expect(spans[0].kind == .consumer)
                #expect(spans[0].traceID == "writer's trace")
                #expect(spans[0].parentSpanID == "writer's span")
                #expect(spans[0].text("messaging.operation.type") == "process")
                #expect(spans[0].text("messaging.consumer.group.name") == "mailer")
                #expect(spans[0].text("messaging.destination.name") == "counter-1")
                #expect(spans[0].text("hindsight.event.type") == "Counted")
                #expect(spans[0].number("hindsight.position") == 1)
                let event = try #require(try await fixture.log.readStream("counter-1").first)
                #expect(spans[0].text("messaging.message.id") == "\(event.id)".lowercased())
                // An event without a trace begins one.
                #expect(spans[1].parentSpanID == nil)
                let appends = worker.spans("hindsight append")
                #expect(appends.map(\.traceID) == spans.map(\.traceID))
                #expect(appends.map(\.parentSpanID) == spans.map(\.spanID))
            }
        }

        @Test("What the handler throws is an error on the span")
        func failed() async throws {
            try await SubscriptionFixture.open { fixture in
                try await fixture.append(1...1)
                _ = await withTracer(worker) {
                    await #expect(throws: Bank.Refusal.self) {
                        try await fixture.subscription().run { _ in throw Bank.Refusal() }
                    }
                }
                let span = try worker.span("hindsight handle")
                #expect(span.status?.code == .error)
                #expect(span.errors.first?.error is Bank.Refusal)
                #expect(span.text("messaging.consumer.group.name") == nil)
            }
        }
    }
#endif
