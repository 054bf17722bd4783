import HindsightJSON
public import HindsightLog

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An event that was given to a subscriber of a task.
public struct TaskDelivery: Sendable {
    /// The task's name.
    public let task: String
    /// How often the event was given to somebody, this time included, since the distributing node took it up.
    public let delivery: Int
    /// The event.
    public let event: RecordedEvent

    /// The message that gives an event to somebody.
    static func message(_ event: RecordedEvent, task: String, delivery: Int) -> [UInt8] {
        var bytes = Array("{\"v\":\(Request.version),\"task\":".utf8)
        JSONWriter.append(task, to: &bytes)
        bytes +=
            ",\"delivery\":\(delivery),\"position\":\(event.position),\"version\":\(event.version),\"event\":".utf8
        EventLine.append(event, as: .export, to: &bytes)
        // In place of the end of the line.
        bytes[bytes.count - 1] = UInt8(ascii: "}")
        return bytes
    }

    /// Reads such a message.
    ///
    /// - Throws: ``EventCentreError``.
    init(_ bytes: [UInt8]) throws {
        let request = try Request(bytes, known: ["task", "delivery", "position", "version", "event"])
        let line: ImportLine
        do {
            line = try request.object("event").withUnsafeBytes { bytes in
                var parser = LineParser()
                return try parser.parse(bytes)
            }
        } catch let error as ImportError {
            throw Request.malformed("event: \(error.reason)")
        }
        guard let task = try request.string("task"), let position = try request.integer("position"),
            let version = try request.integer("version"), let id = line.id, let recorded = line.recorded
        else { throw Request.malformed("task, position, version, or the event's id or recorded is missing") }
        self.task = task
        delivery = Int(clamping: try request.integer("delivery") ?? 1)
        event = RecordedEvent(
            position: position, stream: line.stream, version: version, id: id, type: line.type,
            schemaVersion: line.schema ?? 1, occurredAt: line.at, recordedAt: recorded, correlationID: line.correlation,
            causationID: line.causation, data: line.data, metadata: line.meta)
    }
}
