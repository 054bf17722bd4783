import Hindsight
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("What a subscription does next")
struct SubscriptionStateTests {
    private func event(_ position: Int64) -> RecordedEvent {
        let time = Timestamp(microsecondsSince1970: 0)
        return RecordedEvent(
            position: position, stream: "a-1", version: position, id: UUID.version7(), type: "T", schemaVersion: 1,
            occurredAt: time, recordedAt: time, correlationID: nil, causationID: nil, data: [], metadata: nil)
    }

    /// The step in words.
    private func next(_ state: inout SubscriptionState) -> String {
        switch state.next() {
        case .deliver(let event): "deliver \(event.position)"
        case .read(let offset): "read after \(offset.position)"
        case .close: "close"
        }
    }

    @Test("It reads from its start, delivers what it read, and reads on behind that")
    func readsAndDelivers() {
        var state = SubscriptionState(start: Offset(position: 7, anchor: UUID()))
        #expect(next(&state) == "read after 7")
        state.received([event(8), event(10)], through: Offset(position: 12, anchor: UUID()))
        #expect(!state.isEmpty)
        #expect(next(&state) == "deliver 8")
        #expect(next(&state) == "deliver 10")
        #expect(state.isEmpty)
        #expect(next(&state) == "read after 12")
    }

    @Test("A drain delivers what is in the buffer, takes in no more, and closes")
    func drain() {
        var state = SubscriptionState(start: .beginning)
        state.received([event(1), event(2)], through: event(2).offset)
        #expect(next(&state) == "deliver 1")
        state.drain()
        #expect(!state.isRunning)
        state.received([event(3)], through: event(3).offset)
        state.drain()
        #expect(next(&state) == "deliver 2")
        #expect(next(&state) == "close")
        #expect(next(&state) == "close")
    }

    @Test("A stop drops the buffer, also during a drain, and cannot be taken back")
    func stop() {
        for drains in [false, true] {
            var state = SubscriptionState(start: .beginning)
            state.received([event(1), event(2)], through: event(2).offset)
            if drains { state.drain() }
            state.stop()
            #expect(next(&state) == "close")
            state.received([event(3)], through: event(3).offset)
            state.drain()
            #expect(next(&state) == "close")
            #expect(state.isEmpty)
        }
    }
}
