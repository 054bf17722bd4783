/// The keys of what Hindsight's spans carry: those of OpenTelemetry's conventions for messaging where one fits, else its own.
///
/// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
package enum SpanKey {
    package static let system = "messaging.system"
    package static let operation = "messaging.operation.name"
    package static let operationType = "messaging.operation.type"
    /// The stream of an append, or of a handled event; the subject of a request.
    package static let stream = "messaging.destination.name"
    package static let count = "messaging.batch.message_count"
    package static let eventID = "messaging.message.id"
    /// The durable name of a subscription.
    package static let subscription = "messaging.consumer.group.name"

    package static let projection = "hindsight.projection"
    package static let projections = "hindsight.projections"
    /// The number of streams of an append that has several.
    package static let streams = "hindsight.streams"
    package static let type = "hindsight.event.type"
    /// The position of the last event of an append, or of an event.
    package static let position = "hindsight.position"
    package static let firstPosition = "hindsight.position.first"
    package static let lastPosition = "hindsight.position.last"
    /// True if an append's events were stored before.
    package static let isDuplicate = "hindsight.duplicate"
}
