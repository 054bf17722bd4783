#if NATS
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// A server whose file with the end of the log is shorter when it starts again: what a disk leaves behind, or a copy that was made at
    /// a bad moment. What becomes of it depends on whether the server had noted how far the stream reached.
    @Suite("A log whose last file was cut short", .timeLimit(.minutes(3)))
    struct TruncatedBlockTests {
        private static let count = 100

        /// Where the file is cut.
        enum Cut: CaseIterable {
            case middleOfRecord, endOfRecord, everything

            /// How many events are left.
            var left: Int64 { self == .everything ? 0 : 60 }
        }

        @Test("after a crash: a shorter log. Who has read further stops; the others go on", arguments: Cut.allCases)
        func afterACrash(cut: Cut) async throws {
            try await withReaders { fixture, readers, server, sums in
                await server.kill()
                try Self.cut(cut, fixture.log, server)
                try await server.start()
                // One that was reading all the time.
                await Self.expectError([.anchorMismatch]) { try await readers.running.value }

                let frontier = try await fixture.log.frontier()
                #expect(frontier.position == cut.left)
                try await expectRewound(readers, sums)
                if cut.left > 0 {
                    #expect(try await readers.read("behind", through: cut.left) == Array(31...cut.left))
                } else {
                    await Self.expectError([.anchorMismatch]) { _ = try await readers.read("behind", through: 1) }
                }

                // The log knew where the streams ended, and learns that they end elsewhere.
                let conflict = await #expect(throws: EventLogError.self) {
                    try await fixture.log.append([Self.event(101)], to: Self.stream(1), expected: .exact(14))
                }
                let version = Int64(cut == .everything ? -1 : 8)
                #expect(conflict?.code == .conflict && conflict?.actualVersion == version)
                let result = try await fixture.log.append([Self.event(101)], to: Self.stream(1))
                #expect(result == AppendResult(position: cut.left + 1, version: version + 1, isDuplicate: false))

                // Also when their positions are taken again.
                for number in 102...202 {
                    try await fixture.log.append([Self.event(number)], to: Self.stream(number))
                }
                try await expectRewound(readers, sums)
                if cut.left > 0 {
                    let end = cut.left + 102
                    #expect(
                        try await readers.read("behind", through: end) == Array((cut.left + 1)...end))
                }
            }
        }

        /// Whoever has read the whole log notices it, and folds and handles nothing.
        private func expectRewound(_ readers: Readers, _ sums: [String: EngineTests.Balance]) async throws {
            await Self.expectError([.anchorMismatch]) { _ = try await readers.read("ahead", through: 1) }
            let stopped = await #expect(throws: ProjectionError.self) {
                try await ProjectionEngine(readers.fixture.context()).runUntilCaughtUp()
            }
            #expect(stopped?.description.contains("rewound") == true)
            try await readers.expectUnchanged(sums)
        }

        @Test(
            "after an orderly end: positions without events. All readers and appends are refused",
            arguments: Cut.allCases)
        func afterAnOrderlyEnd(cut: Cut) async throws {
            try await withReaders { fixture, readers, server, sums in
                await server.terminate()
                try Self.cut(cut, fixture.log, server)
                try await server.start()
                await Self.expectError([.anchorMismatch, .unusableLog]) { try await readers.running.value }

                // Whoever knows the log, and whoever opens it.
                for log in [fixture.log, readers.another()] {
                    await Self.expectError([.unusableLog]) { _ = try await log.frontier() }
                    await Self.expectError([.unusableLog]) {
                        _ = try await log.append([Self.event(101)], to: Self.stream(1))
                    }
                    for name in ["ahead", "behind", "new"] {
                        await Self.expectError([.anchorMismatch, .unusableLog]) {
                            _ = try await readers.read(name, through: 101, of: log)
                        }
                    }
                }
                await Self.expectError([.unusableLog]) {
                    try await ProjectionEngine(fixture.context()).runUntilCaughtUp()
                }
                try await readers.expectUnchanged(sums)
                #expect(try await readers.handled("behind") == Array(1...30))
                #expect(try await readers.handled("new").isEmpty)
            }
        }

        // MARK: -

        /// The event of a number is the stream's of its remainder by 7, so that number 99 is version 14 of stream 1.
        private static func stream(_ number: Int) -> StreamName { StreamName(category: "account", id: "\(number % 7)") }

        private static func event(_ number: Int) throws -> NewEvent {
            try EngineTests.Fixture.registry.encode(EngineTests.Paid(amount: number))
        }

        /// A projection and a subscription that have read everything, one that has not, and one that is reading.
        private struct Readers: Sendable {
            let fixture: EngineTests.Fixture
            let running: Task<Void, any Error>

            func another() -> JetStreamEventLog {
                JetStreamEventLog(
                    fixture.log.client, stream: fixture.log.streamName, configuration: fixture.log.configuration,
                    logger: LogFixture.logger)
            }

            /// Reads with a durable name up to a position.
            ///
            /// - Returns: the positions that it has handled now.
            func read(_ name: String, through last: Int64, of log: JetStreamEventLog? = nil) async throws -> [Int64] {
                let before = try await handled(name).count
                let subscription = subscription(name, of: log)
                try await subscription.runInTransaction { session, event in
                    try Self.handle(event, name, &session)
                    if event.position >= last { subscription.stop() }
                }
                return try await Array(handled(name).dropFirst(before))
            }

            func subscription(_ name: String, of log: JetStreamEventLog? = nil) -> Subscription {
                Subscription(
                    log: log ?? another(), pool: fixture.pool, options: SubscriptionOptions(name: name),
                    logger: LogFixture.logger)
            }

            static func handle(_ event: RecordedEvent, _ name: String, _ session: inout PostgresSession) throws {
                try session.execute("insert into handled (name, position) values (\(name), \(event.position))")
            }

            /// The positions in the order in which they were handled.
            func handled(_ name: String) async throws -> [Int64] {
                try await fixture.pool.withSession { session in
                    try session.query("select position from handled where name = \(name) order by nth").map {
                        try $0.decode(0)
                    }
                }
            }

            /// What was folded and handled of the whole log.
            func expectUnchanged(_ sums: [String: EngineTests.Balance]) async throws {
                try await fixture.expect(sums)
                for name in ["ahead", "running"] {
                    #expect(try await handled(name) == Array(1...Int64(TruncatedBlockTests.count)))
                }
            }
        }

        private func withReaders(
            _ body: (EngineTests.Fixture, Readers, NATSTestServer, [String: EngineTests.Balance]) async throws -> Void
        ) async throws {
            try await withNATSServer(.jetStream) { server in
                try await LogFixture.withClient([server.url]) { client in
                    try await LogFixture.withLog(client) { logFixture in
                        try await EngineTests.withFixture(logFixture.log) { fixture in
                            var sums: [String: EngineTests.Balance] = [:]
                            for number in 1...Self.count {
                                try await fixture.log.append([Self.event(number)], to: Self.stream(number))
                                let id = Self.stream(number).id
                                sums[id, default: EngineTests.Balance(id: id)].entries += 1
                                sums[id]?.amount += number
                            }
                            try await fixture.pool.withSession {
                                try $0.script("create table handled (nth serial, name text, position bigint)")
                            }
                            try await ProjectionEngine(fixture.context()).runUntilCaughtUp()
                            let unused = Readers(fixture: fixture, running: Task {})
                            let following = unused.subscription("running", of: fixture.log)
                            let running = Task {
                                try await following.runInTransaction { session, event in
                                    try Readers.handle(event, "running", &session)
                                }
                            }
                            defer { running.cancel() }
                            let readers = Readers(fixture: fixture, running: running)
                            _ = try await readers.read("ahead", through: Int64(Self.count))
                            _ = try await readers.read("behind", through: 30)
                            while try await readers.handled("running").count < Self.count {
                                try await Task.sleep(for: .milliseconds(5))
                            }
                            try await readers.expectUnchanged(sums)
                            try await body(fixture, readers, server, sums)
                        }
                    }
                }
            }
        }

        /// Cuts the last file of the stream of a server that does not run, as whatever lies below a server may do.
        private static func cut(_ cut: Cut, _ log: JetStreamEventLog, _ server: NATSTestServer) throws {
            let folder = "\(server.store)/jetstream/$G/streams/\(log.streamName)/msgs"
            let path = "\(folder)/1.blk"
            try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".blk") } == ["1.blk"]
            )
            let bytes = try Data(contentsOf: URL(filePath: path))
            // A record begins with its length.
            var ends: [Int] = []
            while ends.last ?? 0 < bytes.count {
                let end = ends.last ?? 0
                let length = bytes[end..<end + 4].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
                // The highest bit says that there are headers.
                ends.append(end + length & 0x7fff_ffff)
            }
            try #require(ends.count == count && ends.last == bytes.count)
            let size =
                switch cut {
                case .middleOfRecord: (ends[59] + ends[60]) / 2
                case .endOfRecord: ends[59]
                case .everything: 0
                }
            try bytes.prefix(size).write(to: URL(filePath: path))
        }

        private static func expectError(
            _ codes: [EventLogError.Code], sourceLocation: SourceLocation = #_sourceLocation,
            _ body: () async throws -> Void
        ) async {
            do {
                try await body()
                Issue.record("no error was thrown", sourceLocation: sourceLocation)
            } catch {
                let code = (error as? EventLogError)?.code
                #expect(code.map { codes.contains($0) } ?? false, "\(error)", sourceLocation: sourceLocation)
            }
        }
    }
#endif
