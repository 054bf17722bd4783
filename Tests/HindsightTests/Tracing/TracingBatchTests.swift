#if Tracing
    import Hindsight
    import HindsightPostgres
    import HindsightTracing
    import InMemoryTracing
    import Testing
    import Tracing

    @Suite("Tracing: batches", .timeLimit(.minutes(3)))
    struct TracingBatchTests {
        /// Of the process that appends.
        private let writer = InMemoryTracer()
        /// Of the process that applies.
        private let worker = InMemoryTracer()

        private func apply(_ bank: Bank, _ projections: any Projection...) async throws {
            try await bank.asProcess("worker") { other in
                try await withTracer(worker) {
                    let engine = ProjectionEngine(
                        ProjectionContext(
                            log: other.log, database: other.viewsDatabase, pool: other.views, projections: projections,
                            events: Bank.registry, configuration: Bank.impatient, logger: LogFixture.logger))
                    try await engine.prepare()
                    try await engine.runUntilCaughtUp()
                }
            }
        }

        @Test("A batch in one process is linked to each append in another one, once")
        func linked() async throws {
            try await Bank.open { bank in
                try await withTracer(writer) {
                    for account in 1...3 {
                        try await bank.append(
                            Bank.Deposited(amount: 1), Bank.Withdrawn(amount: 1), to: "\(account)")
                    }
                }
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await apply(bank, Account.projection())
                let span = try worker.span("hindsight batch")
                #expect(span.kind == .consumer)
                #expect(span.parentSpanID == nil)
                #expect(span.text("messaging.system") == "hindsight")
                #expect(span.text("messaging.operation.name") == "apply")
                #expect(span.text("messaging.operation.type") == "process")
                #expect(span.number("messaging.batch.message_count") == 7)
                #expect(span.attributes.get("hindsight.projections") == .stringArray(["account"]))
                #expect(span.number("hindsight.position.first") == 1)
                #expect(span.number("hindsight.position.last") == 7)
                #expect(span.status == nil && span.errors.isEmpty)
                let appends = writer.spans("hindsight append").map { TracePlace($0) }
                #expect(appends.count == 3)
                #expect(span.links.map { TracePlace($0) } == appends)
                #expect(span.links.map { $0.attributes.get("hindsight.position") } == [1, 3, 5].map { .int64($0) })
            }
        }

        @Test("Only the first events of a batch are looked at")
        func bound() async throws {
            try await Bank.open { bank in
                let count = BatchSpan.linkedEvents + 20
                try await withTracer(writer) {
                    for _ in 1...count { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
                }
                try await apply(bank, Account.projection())
                let span = try worker.span("hindsight batch")
                #expect(span.number("messaging.batch.message_count") == Int64(count))
                let first = writer.spans("hindsight append").prefix(BatchSpan.linkedEvents)
                #expect(span.links.map { TracePlace($0) } == first.map { TracePlace($0) })
                #expect(worker.performedContextExtractions.count == BatchSpan.linkedEvents)
            }
        }

        @Test("A projection that stops is an error on the span, which says where; the batch of the others is none")
        func stopped() async throws {
            try await Bank.open { bank in
                for _ in 1...2 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
                let failing = Meter.projection { event in
                    if event.position == 2 { throw Bank.Refusal() }
                }
                await #expect(throws: ProjectionError.self) {
                    try await apply(bank, failing, Account.projection())
                }
                let spans = worker.spans("hindsight batch")
                #expect(spans.filter { $0.status?.code == .error }.count == 1)
                let span = try #require(spans.first { $0.status?.code == .error })
                #expect(span.errors.map { "\($0.error)" } == ["\(Bank.Refusal())"])
                let attributes = try #require(span.errors.first).attributes
                #expect(attributes.get("hindsight.projection") == .string("meter"))
                #expect(attributes.get("hindsight.position") == .int64(2))
            }
        }

        @Test("A batch that fails and is tried again is an error on the span of the attempt")
        func triedAgain() async throws {
            try await Bank.open { bank in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await withTracer(worker) {
                    try await bank.asProcess("worker") { other in
                        let gate = Gate()
                        defer { gate.open() }
                        let projection = ViewProjection(Account.self, version: 1)
                            .on(Bank.Deposited.self) { _, _, _ in gate.pass() }
                        try await other.running(other.engine(projection)) { _ in
                            try await gate.untilReached()
                            try await bank.terminate("worker")
                            gate.open()
                            try await bank.untilApplied("account")
                        }
                    }
                }
                let spans = worker.spans("hindsight batch")
                #expect(spans.first?.status?.code == .error)
                #expect(spans.last?.status == nil)
                #expect(spans.first?.errors.first?.error is PostgresError)
            }
        }
    }
#endif
