#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightTestSupport
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("Reading a log on JetStream", .timeLimit(.minutes(3)))
    struct ReadingTests {
        /// Appends so many events of the types `Even` and `Odd`, in turn.
        @discardableResult
        private func append(_ count: Int, to log: JetStreamEventLog, size: Int = 10) async throws -> [UUID] {
            let events = (0..<count).map { number in
                NewEvent(
                    type: number.isMultiple(of: 2) ? "Even" : "Odd",
                    data: Array("{\"text\":\"\(String(repeating: "x", count: size))\"}".utf8))
            }
            try await log.append(events, to: "a-1", expected: .any)
            return events.map(\.id)
        }

        /// Reads on until there is nothing more, or an error.
        private func readAll(
            _ reader: any LogReader, limit: Int = 10, maximumBytes: Int = 1 << 20
        ) async throws -> [RecordedEvent] {
            var events: [RecordedEvent] = []
            while true {
                let batch = try await reader.next(limit: limit, maximumBytes: maximumBytes, through: nil)
                events += batch.events
                if batch.isAtFrontier { return events }
            }
        }

        @Test("a filter and a limit in bytes: each wanted event once, whatever is cut where")
        func filtersAndCuts() async throws {
            try await LogFixture.withLog { fixture in
                try await append(60, to: fixture.log, size: 500)
                for maximumBytes in [1, 600, 1_300, 5_000] {
                    for limit in [1, 3, 100] {
                        let reader = try await fixture.log.reader(after: .beginning, filter: .types(["Even"]))
                        let events = try await readAll(reader, limit: limit, maximumBytes: maximumBytes)
                        await reader.close()
                        #expect(events.map(\.position) == stride(from: 1, through: 60, by: 2).map { Int64($0) })
                        var place = Offset.beginning
                        var read: [Int64] = []
                        repeat {
                            let batch = try await fixture.log.read(
                                after: place, through: nil, filter: .types(["Even"]), limit: limit,
                                maximumBytes: maximumBytes)
                            read += batch.events.map(\.position)
                            place = batch.through
                            if batch.isAtFrontier { break }
                        } while true
                        #expect(read == events.map(\.position))
                    }
                }
            }
        }

        @Test("a range is cut at a size to which metadata counts, and is read on behind it")
        func rangesOfEventsWithMetadata() async throws {
            try await LogFixture.withLog { fixture in
                let metadata = Array("{\"text\":\"\(String(repeating: "m", count: 10_000))\"}".utf8)
                let events = (0..<20).map { _ in NewEvent(type: "Noted", data: Array("{}".utf8), metadata: metadata) }
                try await fixture.log.append(events, to: "a-1", expected: .any)
                let buffer = RawEventBuffer()
                var read: [UUID] = []
                while read.count < events.count {
                    try await fixture.log.read(
                        after: Int64(read.count), through: 20, filter: .all, fields: .all, maximumBytes: 50_000,
                        into: buffer)
                    #expect(buffer.events.count == 4)
                    #expect((40_000...50_000).contains(buffer.byteCount))
                    #expect(buffer.through == Int64(read.count) + 4)
                    read += buffer.events.map(\.id)
                }
                #expect(read == events.map(\.id))
            }
        }

        @Test func findsNothingInACategoryThatNoStreamCanHave() async throws {
            try await LogFixture.withLog { fixture in
                try await append(5, to: fixture.log)
                let batch = try await fixture.log.read(
                    after: .beginning, through: nil, filter: .category("a-1"), limit: 10, maximumBytes: 1 << 20)
                #expect(batch.events.isEmpty && batch.isAtFrontier)
            }
        }

        @Test("4.7 a reader at the head, and the log is put back and grows again: nothing of it is handed over")
        func putBackAtTheHead() async throws {
            try await LogFixture.withLog { fixture in
                try await append(20, to: fixture.log)
                let head = try await fixture.log.frontier()
                let reader = try await fixture.log.reader(after: head, filter: .all)
                #expect(try await reader.next(limit: 10).events.isEmpty)
                try await fixture.putBack(to: 5)
                try await append(40, to: fixture.another())
                let error = await #expect(throws: EventLogError.self) { try await reader.next(limit: 10) }
                #expect(error?.code == .anchorMismatch)
                await reader.close()
            }
        }

        @Test("4.7 a reader in the middle, and the log is put back and grows again: all it gets is of the first log")
        func putBackInTheMiddle() async throws {
            try await LogFixture.withLog { fixture in
                let known = Set(try await append(400, to: fixture.log, size: 2_000))
                let reader = try await fixture.log.reader(after: .beginning, filter: .all)
                var events = try await reader.next(limit: 10).events
                try await fixture.putBack(to: 5)
                try await append(600, to: fixture.another())
                let error = await #expect(throws: EventLogError.self) {
                    while true {
                        let batch = try await reader.next(limit: 10)
                        events += batch.events
                        // What was on its way is handed over up to the end that was known.
                        if batch.isAtFrontier, batch.events.isEmpty { break }
                    }
                }
                #expect(error?.code == .anchorMismatch)
                #expect(events.allSatisfy { known.contains($0.id) })
                await reader.close()
            }
        }

        @Test("a page of a log that was put back while it is read: an error, not events of two logs")
        func putBackWithinAPage() async throws {
            try await LogFixture.withLog { fixture in
                try await append(500, to: fixture.log)
                let head = try await fixture.log.frontier()
                let known = try await fixture.log.read(after: .beginning, limit: 1_000).events.map(\.id)
                let place = Offset(position: 100, anchor: known[99])
                try await fixture.putBack(to: 50)
                try await append(600, to: fixture.another())
                let error = await #expect(throws: EventLogError.self) {
                    try await fixture.log.forEachEvent(after: place, through: head) { _ in
                        Issue.record("an event of another log")
                    }
                }
                #expect(error?.code == .anchorMismatch)
            }
        }

        @Test("what must be there and is not is waited for, but not for ever")
        func waitsWithinBounds() async throws {
            try await LogFixture.withLog({ $0.answerTimeout = .seconds(1) }) { fixture in
                try await append(10, to: fixture.log)
                let error = await #expect(throws: EventLogError.self) {
                    try await fixture.log.read(
                        after: .beginning, through: Offset(position: 30, anchor: UUID()), filter: .all, limit: 100,
                        maximumBytes: 1 << 20)
                }
                #expect(error?.code == .unavailable)
                let reader = try await fixture.log.reader(after: .beginning, filter: .all)
                let failure = await #expect(throws: EventLogError.self) {
                    try await reader.next(
                        limit: 100, maximumBytes: 1 << 20, through: Offset(position: 30, anchor: UUID()))
                }
                #expect(failure?.code == .unavailable)
                // The same call with a place that is there succeeds.
                #expect(try await reader.next(limit: 100).events.count == 10)
                await reader.close()
            }
        }

        @Test("positions and times at the ends of their ranges")
        func bearsExtremes() async throws {
            try await LogFixture.withLog { fixture in
                var old = NewEvent(type: "Even", data: Array("{}".utf8))
                old.recordedAt = Timestamp(microsecondsSince1970: -62_135_596_800_000_000)
                old.occurredAt = Timestamp(microsecondsSince1970: 253_402_300_799_999_999)
                try await fixture.log.append(verbatim: [StreamEvent("a-1", old)])
                let place = Offset(position: -5, anchor: nil)
                let batch = try await fixture.log.read(
                    after: place, through: nil, filter: .all, limit: 10, maximumBytes: 1_000)
                #expect(batch.events.map(\.occurredAt) == [old.occurredAt])
                #expect(batch.events.map(\.recordedAt) == [old.recordedAt])
                let lag = try await fixture.log.lag(after: .min, through: 1, filter: .all, limit: 10)
                #expect(lag.events == 1 && lag.seconds > 1e9)
                #expect(try await fixture.log.lag(after: .max, through: .max, filter: .all, limit: 10) == .none)
                let places: [Int64] = [.min, -1, 0, 1, 2, .max]
                #expect(try await fixture.log.events(at: places, maximumBytes: 1_000).events.count == 1)
                for position in [Int64.min, -1, 0] {
                    #expect(try await fixture.log.offset(before: position) == .beginning)
                    let page = try await fixture.log.readBackward(
                        from: position, filter: .all, limit: 10, maximumBytes: 1_000)
                    #expect(page.events.isEmpty)
                }
                #expect(try await fixture.log.offset(before: .max).position == 1)
            }
        }
    }
#endif
