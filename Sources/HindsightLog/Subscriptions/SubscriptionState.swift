/// What a subscription holds and where it is in its life, decided without a log.
package struct SubscriptionState: Sendable {
    /// What the consumer's next step is.
    package enum Step: Sendable {
        /// Handle this event.
        case deliver(RecordedEvent)
        /// Look into the log after this offset.
        case read(after: Offset)
        /// There is nothing more; the subscription closes.
        case close
    }

    private enum Phase {
        case running
        case draining
        case closed
    }

    private var phase = Phase.running
    private var buffer: ArraySlice<RecordedEvent> = []
    /// How far the log has been read.
    private var readOffset: Offset

    package init(start: Offset) {
        readOffset = start
    }

    /// True when everything that was read has been delivered.
    package var isEmpty: Bool { buffer.isEmpty }
    /// True until the subscription drains or ends.
    package var isRunning: Bool {
        switch phase {
        case .running: true
        case .draining, .closed: false
        }
    }

    /// What to do now.
    package mutating func next() -> Step {
        switch phase {
        case .running:
            buffer.popFirst().map { .deliver($0) } ?? .read(after: readOffset)
        case .draining:
            buffer.popFirst().map { .deliver($0) } ?? .close
        case .closed:
            .close
        }
    }

    /// Takes in what was read. Once draining, nothing is taken in: what was not delivered yet is left to the next reader.
    package mutating func received(_ events: [RecordedEvent], through offset: Offset) {
        switch phase {
        case .running:
            buffer = events[...]
            readOffset = offset
        case .draining, .closed:
            break
        }
    }

    /// Goes on from another offset than it had come to; what is in the buffer is read again.
    package mutating func restart(at offset: Offset) {
        buffer = []
        readOffset = offset
    }

    /// Reads no more; what is in the buffer is still delivered.
    package mutating func drain() {
        switch phase {
        case .running: phase = .draining
        case .draining, .closed: break
        }
    }

    /// Drops what is in the buffer.
    package mutating func stop() {
        phase = .closed
        buffer = []
    }
}
