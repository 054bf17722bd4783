/// The buffer and the life of a subscription, decided without a log.
package struct SubscriptionState: Sendable {
    /// The consumer's next step.
    package enum Step: Sendable {
        /// Handle this event.
        case deliver(RecordedEvent)
        /// Read the log after this offset.
        case read(after: Offset)
        /// Nothing is left; the subscription closes.
        case close
    }

    private enum Phase {
        case running
        case draining
        case closed
    }

    private var phase = Phase.running
    private var buffer: ArraySlice<RecordedEvent> = []
    /// The offset up to which the log has been read.
    private var readOffset: Offset

    package init(start: Offset) {
        readOffset = start
    }

    /// True if everything that was read has been delivered.
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

    /// Accepts events that were read. While draining, none are accepted: undelivered events are left to the next
    /// reader.
    package mutating func received(_ events: [RecordedEvent], through offset: Offset) {
        switch phase {
        case .running:
            buffer = events[...]
            readOffset = offset
        case .draining, .closed:
            break
        }
    }

    /// Continues from another offset than the one it had reached; the events in the buffer are read again.
    package mutating func restart(at offset: Offset) {
        buffer = []
        readOffset = offset
    }

    /// Stops reading; the events in the buffer are still delivered.
    package mutating func drain() {
        switch phase {
        case .running: phase = .draining
        case .draining, .closed: break
        }
    }

    /// Drops the events in the buffer.
    package mutating func stop() {
        phase = .closed
        buffer = []
    }
}
