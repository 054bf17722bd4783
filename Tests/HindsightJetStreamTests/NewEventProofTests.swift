#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("Which appends need not be looked for", .timeLimit(.minutes(1)))
    struct NewEventProofTests {
        private let now = Timestamp.now()

        private func event(madeBefore age: Duration? = nil) -> NewEvent {
            let id = age.map { UUID.version7(at: now.advanced(by: .zero - $0)) }
            return NewEvent(type: "Counted", data: Array("{}".utf8), id: id)
        }

        /// The end of a stream that is found now.
        private func found(storedBefore age: Duration) -> StreamTail {
            var tail = StreamTail(position: 7, version: 3)
            tail.found = StreamTail.Age(storedAt: now.advanced(by: .zero - age), lastID: IDOrigin.latest)
            return tail
        }

        private func isLookedFor(
            _ events: [NewEvent], _ tail: StreamTail, expected: ExpectedVersion = .any
        ) -> Bool {
            AppendCall([StreamAppend("a-1", events, expected: expected)]).isPerhapsStored(["a-1": tail], now: now)
        }

        @Test("events that were made here after the end was found, however young that is, and whatever the clocks say")
        func madeAfterwards() {
            let before = event()
            let tail = found(storedBefore: .zero)
            #expect(!isLookedFor([event(), event()], tail))
            #expect(!isLookedFor([event()], tail, expected: .exact(3)))
            #expect(isLookedFor([before], tail))
            #expect(isLookedFor([event(), before], tail))
            #expect(isLookedFor([before], found(storedBefore: .seconds(299))), "its clock may be ahead of the servers'")
            #expect(!isLookedFor([before], found(storedBefore: .seconds(301))))
            // What is dated in the past, too.
            let past = NewEvent(
                type: "Counted", data: [], occurredAt: now.advanced(by: .seconds(-86_400)))
            #expect(!isLookedFor([past], tail))
        }

        @Test("ids from elsewhere that are younger than the last event by more than clocks are apart")
        func madeElsewhere() {
            #expect(isLookedFor([event(madeBefore: .zero)], found(storedBefore: .seconds(299))))
            #expect(!isLookedFor([event(madeBefore: .zero)], found(storedBefore: .seconds(301))))
            #expect(isLookedFor([event(madeBefore: .seconds(10))], found(storedBefore: .seconds(301))))
            // No time, and one that is not yet.
            let old = found(storedBefore: .seconds(86_400))
            #expect(isLookedFor([NewEvent(type: "Counted", data: [], id: UUID())], old))
            #expect(isLookedFor([event(madeBefore: .seconds(-60))], old))
            var renamed = event()
            renamed.id = .version7(at: now)
            #expect(isLookedFor([renamed], found(storedBefore: .zero)))
        }

        @Test("no stream, or one that must be new")
        func newStreams() {
            #expect(!isLookedFor([event(madeBefore: nil)], .none))
            #expect(!isLookedFor([event(madeBefore: .zero)], .none))
            #expect(!isLookedFor([event(madeBefore: .zero)], found(storedBefore: .zero), expected: .noStream))
        }

        @Test("an import takes no id at its word")
        func imports() {
            let tail = found(storedBefore: .seconds(86_400))
            for age in [Duration.zero, .seconds(-60), .seconds(60)] {
                let call = AppendCall(inOrder: [StreamEvent("a-1", event(madeBefore: age))])
                #expect(call.oldest(now: now) == nil)
                #expect(call.isPerhapsStored(["a-1": tail], now: now))
                #expect(!call.isPerhapsStored(["a-1": .none], now: now))
            }
            let made = AppendCall(inOrder: [StreamEvent("a-1", event())])
            #expect(!made.isPerhapsStored(["a-1": tail], now: now))
        }

        @Test(
            "events that were made one behind the other and are appended so; a repetition of one of them is looked for")
        func appends() {
            let start = found(storedBefore: .seconds(86_400))
            let events = (0..<4).map { _ in event() }
            var tail = start
            for (index, event) in events.enumerated() {
                #expect(!isLookedFor([event], tail))
                let call = AppendCall([StreamAppend("a-1", [event])])
                let result = AppendResult(position: 8 + Int64(index), version: 4 + Int64(index), isDuplicate: false)
                tail = tail.extended(to: result, call.age(now: now))
                #expect(tail.position == result.position && tail.version == result.version)
                #expect(tail.found == start.found)
            }
            for event in events { #expect(isLookedFor([event], tail)) }
            #expect(!isLookedFor([event()], tail))
            // The same id under another origin: nothing that was made before it is proven any more.
            let waiting = event()
            let copy = NewEvent(type: "Counted", data: [], id: waiting.id)
            let call = AppendCall([StreamAppend("a-1", [copy])])
            let result = AppendResult(position: 12, version: 8, isDuplicate: false)
            #expect(isLookedFor([waiting], tail.extended(to: result, call.age(now: now))))
        }

        @Test("where an id came from is no part of an event")
        func equality() {
            let made = event()
            var copy = made
            copy.id = made.id
            #expect(copy == made && copy.hashValue == made.hashValue)
            #expect(made.origin.number > 0 && copy.origin.number == 0)
        }
    }
#endif
