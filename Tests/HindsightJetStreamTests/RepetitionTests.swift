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

    @Suite("E1 events that come again late are stored once in their stream", .timeLimit(.minutes(2)))
    struct RepetitionTests {
        private func event(_ number: Int, id: UUID? = nil) -> NewEvent {
            NewEvent(type: "Counted", data: Array(#"{"n":\#(number)}"#.utf8), id: id)
        }

        /// How often the log holds an id.
        private func count(of id: UUID, in log: JetStreamEventLog) async throws -> Int {
            try await log.read(after: .beginning, limit: 1_000).events.count { $0.id == id }
        }

        @Test("lines of an import whose ids have times that were not yet", arguments: [4, 400])
        func futureIDs(seconds: Int) async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(100) }) { fixture in
                let time = Timestamp.now().advanced(by: .seconds(seconds))
                let planned = StreamEvent("visit-1", event(1, id: .version7(at: time)))
                let first = try await fixture.log.append(verbatim: [planned])
                try await fixture.waitUntilIDsAreForgotten()
                let again = try await fixture.another().append(verbatim: [planned])
                #expect(again.isDuplicate && again.position == first.position)
                #expect(try await count(of: planned.event.id, in: fixture.log) == 1)
            }
        }
    }
#endif
