// An app that copies a stream of JetStream that others have filled, as the article "NATS and JetStream" shows it.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

import HindsightCommand

@main
struct Orders: HindsightApplication {
    static let name = "orders"
    static let projections: [any Projection] = []

    static let foreignMappings = [
        ForeignMapping(of: "ORDERS") { message in
            guard message.subject.hasPrefix("orders.placed.") else { return nil }
            return StreamEvent(
                StreamName(category: "order", id: String(message.subject.dropFirst("orders.placed.".count))),
                NewEvent(type: "OrderPlaced", data: message.data, occurredAt: message.storedAt))
        }
    ]
}
