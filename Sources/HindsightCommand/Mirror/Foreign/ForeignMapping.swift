public import Hindsight
import HindsightEventCentre

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How the messages of a stream of JetStream that somebody else has filled become events of the app's log.
///
/// List it in ``HindsightApplication/foreignMappings``, and `events mirror --from nats://HOST:PORT/STREAM` copies that stream.
///
/// ```swift
/// static let foreignMappings = [
///     ForeignMapping(of: "ORDERS") { message in
///         guard message.subject.hasPrefix("orders.placed.") else { return nil }
///         return StreamEvent(
///             StreamName(category: "order", id: String(message.subject.dropFirst(14))),
///             NewEvent(type: "OrderPlaced", data: message.data, occurredAt: message.storedAt))
///     }
/// ]
/// ```
public struct ForeignMapping: Sendable {
    /// The name of the stream.
    public let stream: String
    private let map: @Sendable (ForeignMessage) throws -> StreamEvent?

    /// A mapping of a stream.
    ///
    /// - Parameters:
    ///   - stream: the name of the stream, as the address has it.
    ///   - map: the event of a message, and which stream of the log it belongs to; nil for a message that is none. It must say the same each
    ///     time. The event's id is replaced by one that follows from the message's place, so that it is stored once; if it says no time at
    ///     which it was recorded, that is when the server stored the message. An error that it throws ends the copying at the message.
    public init(of stream: String, _ map: @escaping @Sendable (ForeignMessage) throws -> StreamEvent?) {
        self.stream = stream
        self.map = map
    }

    /// The event of a message, with the id that it has in the log; nil for a message that is none.
    ///
    /// - Parameter namespace: stands for the stream.
    func event(of message: ForeignMessage, in namespace: UUID) throws -> StreamEvent? {
        do {
            guard var mapped = try map(message) else { return nil }
            mapped.event.id = UUID.version5(of: namespace, "\(message.sequence)")
            mapped.event.recordedAt = mapped.event.recordedAt ?? message.storedAt
            return mapped
        } catch {
            throw CommandError(
                "message \(message.sequence) of the stream \(stream), on \(message.subject), could not be mapped to an event: \(error). What stands before it is copied; mend the mapping, and the same command goes on there"
            )
        }
    }
}
