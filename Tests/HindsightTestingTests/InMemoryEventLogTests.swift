import HindsightLog
import HindsightTesting
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing

/// What the in-memory log can do beyond the contract.
@Suite("The in-memory log", .timeLimit(.minutes(1)))
struct InMemoryEventLogTests {
    private func event(_ type: String = "Counted") -> NewEvent { NewEvent(type: type, data: Array("{}".utf8)) }

    @Test func anAppendToAStreamWaitsForTheOpenOne() async throws {
        let log = InMemoryEventLog()
        let open = try log.openAppend([StreamAppend("a-1", [event()])])
        let waiting = Task { try await log.append(event(), to: "a-1") }
        try await log.append(event(), to: "b-1")
        #expect(try await log.readStream("a-1").isEmpty)
        open.commit()
        let result = try await waiting.value
        #expect(result.version == 1 && result.position > open.results[0].position)
    }

    @Test func theSameEventsWaitForTheOpenAppendAndAreADuplicate() async throws {
        let log = InMemoryEventLog()
        let same = event()
        let open = try log.openAppend([StreamAppend("a-1", [same])])
        let waiting = Task { try await log.append(same, to: "a-1") }
        open.commit()
        #expect(try await waiting.value.isDuplicate)
    }

    @Test func aSecondOpenAppendToTheSameStreamIsRefused() async throws {
        let log = InMemoryEventLog()
        let open = try log.openAppend([StreamAppend("a-1", [event()])])
        let error = #expect(throws: EventLogError.self) { try log.openAppend([StreamAppend("a-1", [event()])]) }
        #expect(error?.code == .contention && error?.isRetriable == true)
        open.rollBack()
        try log.openAppend([StreamAppend("a-1", [event()])]).commit()
        #expect(try await log.readStream("a-1").map(\.version) == [0])
    }

    @Test func anOpenAppendThatIsForgottenIsRolledBack() async throws {
        let log = InMemoryEventLog()
        _ = try log.openAppend([StreamAppend("a-1", [event()])])
        try await log.append(event(), to: "b-1")
        let batch = try await log.read(after: .beginning, limit: 10)
        #expect(batch.events.map(\.stream) == ["b-1"] && !batch.isHeld)
    }

    @Test func endingTwiceCountsOnce() async throws {
        let log = InMemoryEventLog()
        let open = try log.openAppend([StreamAppend("a-1", [event()])])
        open.rollBack()
        open.commit()
        #expect(try await log.readStream("a-1").isEmpty)
    }

    @Test func aDenseLogHoldsNoAppendOpen() throws {
        let log = InMemoryEventLog(abilities: .eventsByID)
        let error = #expect(throws: EventLogError.self) { try log.openAppend([StreamAppend("a-1", [event()])]) }
        #expect(error?.code == .unsupported && error?.description.contains("holes") == true)
    }

    @Test func itEndsWithItsServiceGroup() async throws {
        let log = InMemoryEventLog()
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await log.run() }
                trigger.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
