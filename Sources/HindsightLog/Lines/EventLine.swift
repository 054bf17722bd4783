import HindsightJSON
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes recorded events as lines of JSON.
package enum EventLine {
    /// The keys of a line.
    package enum Form: Hashable, Sendable {
        /// The keys that import reads.
        case export
        /// The event's position and version, followed by the keys that import reads.
        case read
    }

    /// Appends an event's line, including the line end.
    package static func append(_ event: RecordedEvent, as form: Form, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        switch form {
        case .export: break
        case .read: bytes += "\"position\":\(event.position),\"version\":\(event.version),".utf8
        }
        bytes += "\"stream\":".utf8
        JSONWriter.append(event.stream.rawValue, to: &bytes)
        bytes += ",\"type\":".utf8
        JSONWriter.append(event.type, to: &bytes)
        bytes += ",\"at\":\"".utf8
        event.occurredAt.append(to: &bytes)
        bytes += "\",\"data\":".utf8
        append(json: event.data, to: &bytes)
        bytes += ",\"id\":\"".utf8
        append(event.id, to: &bytes)
        bytes += "\",\"schema\":\(event.schemaVersion)".utf8
        if let correlation = event.correlationID {
            bytes += ",\"correlation\":".utf8
            JSONWriter.append(correlation, to: &bytes)
        }
        if let causation = event.causationID {
            bytes += ",\"causation\":".utf8
            JSONWriter.append(causation, to: &bytes)
        }
        if let metadata = event.metadata {
            bytes += ",\"meta\":".utf8
            append(json: metadata, to: &bytes)
        }
        bytes += ",\"recorded\":\"".utf8
        event.recordedAt.append(to: &bytes)
        bytes += "\"}\n".utf8
    }

    /// JSON text unchanged, but on one line: a line end in it can only be white space.
    private static func append(json text: [UInt8], to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes += text
        for index in start..<bytes.count where bytes[index] == UInt8(ascii: "\n") || bytes[index] == UInt8(ascii: "\r")
        {
            bytes[index] = UInt8(ascii: " ")
        }
    }

    private static func append(_ id: UUID, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: id.uuid) { parts in
            for (index, byte) in parts.enumerated() {
                switch index {
                case 4, 6, 8, 10: bytes.append(UInt8(ascii: "-"))
                default: break
                }
                bytes.append(digit(byte >> 4))
                bytes.append(digit(byte & 15))
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
