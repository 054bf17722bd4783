import Hindsight
import HindsightLog
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("What a subscription does next")
struct SubscriptionStateTests {
    private func event(_ position: Int64) -> RecordedEvent { ScheduledEvent(position: position, key: "").event }

    private func state(
        after position: Int64 = 0, isDurable: Bool = true, keysInFlight: Int = 1, events: Int = 256
    ) -> SubscriptionState {
        SubscriptionState(
            SubscriptionProgress(offset: position == 0 ? .beginning : event(position).offset), isDurable: isDurable,
            limits: SubscriptionState.Limits(keysInFlight: keysInFlight, events: events))
    }

    /// Reads events, with their keys.
    private func read(_ events: [(Int64, String)], _ state: inout SubscriptionState) {
        state.beginReading()
        state.received(events.map { (event($0.0), key: $0.1) }, through: event(events.last?.0 ?? 0).offset)
    }

    /// The next step in words.
    private func next(_ state: inout SubscriptionState) -> String {
        switch state.next() {
        case .handle(let event): "handle \(event.position)"
        case .advance: "advance"
        case .end: "end"
        case nil: "wait"
        }
    }

    private func mark(_ position: Int64?, _ state: inout SubscriptionState) -> String {
        switch state.mark(position) {
        case .advance(let old, let new, let sum): "\(old.position) to \(new.position) with \(sum.count)"
        case .note(let place): "note \(place.position)"
        case nil: "nothing"
        }
    }

    private func store(_ position: Int64?, _ state: inout SubscriptionState) -> String {
        defer { state.stored(position) }
        return mark(position, &state)
    }

    private func reading(_ state: SubscriptionState) -> String {
        switch state.reading {
        case .read(let offset, let limit, _): "\(limit) after \(offset.position)"
        case .wait: "wait"
        case .end: "end"
        }
    }

    @Test("One at a time, events are handled in the order of the log, and each moves the offset (P5)")
    func oneAtATime() {
        var state = state(after: 7)
        #expect(reading(state) == "256 after 7")
        read([(8, "a"), (10, "b"), (11, "a")], &state)
        #expect(reading(state) == "253 after 11")
        for (position, move) in [(8, "7 to 8 with 1"), (10, "8 to 10 with 1"), (11, "10 to 11 with 1")]
            as [(Int64, String)]
        {
            #expect(next(&state) == "handle \(position)")
            #expect(next(&state) == "wait")
            #expect(store(position, &state) == move)
        }
        #expect(next(&state) == "wait")
        #expect(state.count == 0)
    }

    @Test("Events of different keys are in flight together, and of one key one after the other")
    func keys() {
        var state = state(keysInFlight: 2)
        read([(1, "a"), (2, "a"), (3, "b"), (4, "c"), (5, "a")], &state)
        #expect(next(&state) == "handle 1")
        #expect(next(&state) == "handle 3")
        #expect(next(&state) == "wait")
        // The key that is free again has the earliest event.
        #expect(store(1, &state) == "0 to 1 with 1")
        #expect(next(&state) == "handle 2")
        #expect(store(3, &state) == "note 3")
        #expect(next(&state) == "handle 4")
        #expect(next(&state) == "wait")
    }

    @Test("What is handled beyond the hole is noted, and the offset passes it with the hole")
    func hole() {
        var state = state(keysInFlight: 3)
        read([(1, "a"), (2, "b"), (3, "c"), (4, "b")], &state)
        for position in 1...3 { #expect(next(&state) == "handle \(position)") }
        #expect(store(2, &state) == "note 2")
        #expect(next(&state) == "handle 4")
        #expect(store(4, &state) == "note 4")
        #expect(store(1, &state) == "0 to 2 with 2")
        #expect(store(3, &state) == "2 to 4 with 2")
        #expect(state.count == 0)
    }

    @Test("What is noted while the offset moves up to it is passed by a move of its own")
    func trailing() {
        var state = state(keysInFlight: 2)
        read([(1, "a"), (2, "b")], &state)
        for position in 1...2 { #expect(next(&state) == "handle \(position)") }
        #expect(mark(1, &state) == "0 to 1 with 1")
        #expect(store(2, &state) == "note 2")
        #expect(next(&state) == "wait")
        state.stored(1)
        #expect(next(&state) == "advance")
        #expect(next(&state) == "wait")
        #expect(store(nil, &state) == "1 to 2 with 1")
        #expect(state.count == 0)
    }

    @Test("What is not stored for certain is marked anew")
    func revoked() {
        var state = state(keysInFlight: 2)
        read([(1, "a"), (2, "b")], &state)
        for position in 1...2 { #expect(next(&state) == "handle \(position)") }
        #expect(mark(1, &state) == "0 to 1 with 1")
        #expect(!state.isStored(1, in: SubscriptionProgress(offset: .beginning)))
        #expect(state.isStored(1, in: SubscriptionProgress(offset: event(1).offset)))
        state.revoked(1)
        #expect(store(2, &state) == "note 2")
        #expect(store(1, &state) == "0 to 2 with 2")
    }

    @Test("The next reader leaves out what was noted, and counts it when the offset passes it")
    func noted() {
        var state = SubscriptionState(
            SubscriptionProgress(offset: event(1).offset, beyond: [2: event(2).id, 4: event(4).id, 9: event(9).id]),
            limits: SubscriptionState.Limits(keysInFlight: 2))
        read([(2, "a"), (3, "a"), (4, "b"), (5, "b")], &state)
        #expect(state.noted(at: 9) == event(9).id && state.noted(at: 4) == nil)
        #expect(next(&state) == "advance")
        #expect(store(nil, &state) == "1 to 2 with 1")
        #expect(next(&state) == "handle 3")
        #expect(next(&state) == "handle 5")
        #expect(store(3, &state) == "2 to 4 with 2")
    }

    @Test("No more is read from the hole on than there is room for")
    func room() {
        var state = state(keysInFlight: 2, events: 8)
        read((1...8).map { ($0, $0 == 1 ? "slow" : "fast") }, &state)
        #expect(reading(state) == "wait")
        #expect(next(&state) == "handle 1")
        for position in Int64(2)...8 {
            #expect(next(&state) == "handle \(position)")
            #expect(store(position, &state) == "note \(position)")
        }
        #expect(reading(state) == "wait")
        #expect(next(&state) == "wait")
        #expect(store(1, &state) == "0 to 8 with 8")
        #expect(reading(state) == "8 after 8")
    }

    @Test("A drain handles what was read, takes in no more, and closes")
    func drain() {
        var state = state()
        read([(1, "a"), (2, "a")], &state)
        #expect(next(&state) == "handle 1")
        state.drain()
        #expect(reading(state) == "end")
        read([(3, "a")], &state)
        #expect(next(&state) == "wait")
        #expect(store(1, &state) == "0 to 1 with 1")
        #expect(next(&state) == "handle 2")
        // Others have nothing left to do.
        #expect(next(&state) == "end")
        #expect(store(2, &state) == "1 to 2 with 1")
        #expect(next(&state) == "end")
    }

    @Test("A stop and a failure drop what waits; what is in flight is stored", arguments: [false, true])
    func stop(fails: Bool) {
        var state = state(keysInFlight: 2)
        read([(1, "a"), (2, "b"), (3, "c")], &state)
        for position in 1...2 { #expect(next(&state) == "handle \(position)") }
        if fails { state.failed(1) } else { state.stop() }
        #expect(next(&state) == "end")
        #expect(store(2, &state) == "note 2")
        if !fails { #expect(store(1, &state) == "0 to 2 with 2") }
        #expect(next(&state) == "end")
        read([(4, "a")], &state)
        state.drain()
        #expect(next(&state) == "end")
        #expect(reading(state) == "end")
    }

    @Test("Where stored events are lost, it begins again there once nothing is in flight")
    func goesBack() {
        var state = state(keysInFlight: 2)
        read([(1, "a"), (2, "b"), (3, "a")], &state)
        #expect(next(&state) == "handle 1")
        #expect(next(&state) == "handle 2")
        #expect(store(1, &state) == "0 to 1 with 1")
        let lost = SubscriptionProgress(offset: .beginning)
        #expect(state.agrees(with: SubscriptionProgress(offset: event(1).offset)))
        #expect(state.agrees(with: SubscriptionProgress(offset: event(1).offset, beyond: [2: event(2).id])))
        #expect(!state.agrees(with: lost))
        state.goBack(to: lost)
        #expect(state.isGoingBack)
        #expect(mark(2, &state) == "nothing")
        #expect(next(&state) == "wait")
        #expect(reading(state) == "wait")
        state.abandoned(2)
        #expect(!state.isGoingBack)
        // What was read meanwhile is not taken in.
        state.received([(event(4), key: "a")], through: event(4).offset)
        #expect(reading(state) == "256 after 0")
        #expect(next(&state) == "wait")
    }

    @Test("Without a durable name nothing is stored")
    func notDurable() {
        var state = state(isDurable: false, keysInFlight: 2)
        read([(1, "a"), (2, "b"), (3, "a")], &state)
        #expect(next(&state) == "handle 1")
        #expect(next(&state) == "handle 2")
        state.handled(2)
        #expect(state.count == 3)
        state.handled(1)
        #expect(state.count == 1)
        #expect(next(&state) == "handle 3")
    }
}
