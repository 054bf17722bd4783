import Hindsight
import HindsightPostgres

/// A durable subscription with several keys in flight, of which every node has a reader: one reads, the others wait for its name.
enum Courier {
    static let passbook = Passbook(table: "courier")

    static var options: SubscriptionOptions {
        var options = SubscriptionOptions(name: passbook.table)
        options.keysInFlight = Passbook.keysInFlight
        options.leaseDuration = LoadProjections.leaseDuration
        return options
    }

    static func handler(_ moments: Moments) -> @Sendable (inout PostgresSession, RecordedEvent) throws -> Void {
        { session, event in
            // It reads all types, so that its offset comes to the head.
            guard event.type == Bumped.eventType else { return }
            try passbook.enter(JSONEventCodec().decode(Bumped.self, from: event.data).amount, event, in: &session)
            moments.linger(in: .statements)
        }
    }
}
