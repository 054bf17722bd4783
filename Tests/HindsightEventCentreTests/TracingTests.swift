#if NATS && Tracing
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightValues
    import InMemoryTracing
    import Testing
    import Tracing

    @Suite("R6 tracing", .timeLimit(.minutes(3)))
    struct TracingTests {
        @Test("A trace goes from whoever hands a command in by the node and its event to whoever does the task")
        func goesOn() async throws {
            let tracer = InMemoryTracer()
            try await withTracer(tracer) {
                try await CentreFixture.with { fixture in
                    try await fixture.serving(tasks: [TaskTests.task]) {
                        try await fixture.eventuallyListening()
                        tracer.clearFinishedSpans()
                        let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                        let spans = tracer.finishedSpans
                        let request = try #require(spans.first { $0.operationName == "hindsight request" })
                        let answer = try #require(spans.first { $0.operationName == "hindsight answer" })
                        let append = try #require(spans.first { $0.operationName == "hindsight append" })
                        #expect(request.kind == .client)
                        #expect(answer.kind == .server)
                        #expect(answer.parentSpanID == request.spanID)
                        #expect(append.parentSpanID == answer.spanID)
                        #expect(Set([request, answer, append].map(\.traceID)).count == 1)
                        try await TaskTests.working(fixture) { _, _ in
                            nil
                        } _: {
                            // Of the node, which gives the event away until it is done, and of the worker.
                            try await eventually("the task is done, and its spans have ended") {
                                tracer.finishedSpans.filter {
                                    $0.operationName == "hindsight handle" && $0.parentSpanID == append.spanID
                                }.count == 2
                            }
                        }
                        // A failure is one of the node, too.
                        tracer.clearFinishedSpans()
                        _ = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.submit("Steal", data: Array("{}".utf8), id: receipt.command)
                        }
                        let failed = tracer.finishedSpans.filter { $0.status?.code == .error }.map(\.operationName)
                        #expect(Set(failed) == ["hindsight request", "hindsight answer"])
                    }
                }
            }
        }
    }
#endif
