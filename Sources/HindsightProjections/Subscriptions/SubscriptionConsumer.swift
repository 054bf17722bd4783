import HindsightLog
import HindsightTracing

/// Hands the events of a feed to the handler of a subscription, one after the other.
struct SubscriptionConsumer: FeedConsumer {
    let subscription: Subscription
    /// True if the durable name has handled events before: then it goes on where it stopped, wherever it would start
    /// now.
    let hasHandled: Bool
    let handle: (RecordedEvent) async throws -> Void
    /// What the handler has thrown. It ends the feed whatever it is: only reading is tried again.
    private(set) var failure: (any Error)?

    init(
        subscription: Subscription, hasHandled: Bool, handle: @escaping (RecordedEvent) async throws -> Void
    ) {
        self.subscription = subscription
        self.hasHandled = hasHandled
        self.handle = handle
    }

    mutating func next() async throws -> FeedStep {
        failure == nil ? subscription.demand : .end
    }

    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome {
        subscription.accept(batch)
        await handleAll()
        return batch.events.isEmpty ? .idle(atMost: nil) : .more
    }

    private mutating func handleAll() async {
        let spans = HandlingSpans(subscription: subscription.name)
        while failure == nil, let event = subscription.nextEvent() {
            guard hasHandled || subscription.isWanted(event) else { continue }
            do {
                try Task.checkCancellation()
                try await spans.around(event, handle)
            } catch let error as OffsetWentBack {
                subscription.restart(at: error.offset)
            } catch {
                failure = error
            }
        }
    }
}
