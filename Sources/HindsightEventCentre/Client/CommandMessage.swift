import HindsightJSON
import HindsightLog

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The message that hands a command in.
struct CommandMessage {
    let id: UUID
    let expected: ExpectedVersion
    let correlationID: String?

    /// The same bytes for the same command, so that a repetition is known as one.
    func bytes(_ data: [UInt8]) throws -> [UInt8] {
        do {
            try JSONScanner.validate(data)
        } catch {
            throw EventCentreError(.malformed, "the command's data is not JSON: \(error)")
        }
        var bytes = Array("{\"v\":\(Request.version),\"id\":\"\(id.lowercased)\"".utf8)
        if expected != .any { bytes += ",\"expected\":\"\(expected)\"".utf8 }
        if let correlationID {
            bytes += ",\"correlation\":".utf8
            JSONWriter.append(correlationID, to: &bytes)
        }
        bytes += ",\"data\":".utf8 + data
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
