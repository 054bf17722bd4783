import HindsightJSON
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Events to note for parked keys, as the offset store takes them.
package struct ParkedNotes: Sendable {
    /// How many positions of a key are noted; beyond that, events are only counted.
    package static let maximumPositions = 1_000

    /// The keys, one for each event.
    package private(set) var keys: [String] = []
    package private(set) var positions: [Int64] = []
    package private(set) var errors: [String?] = []
    /// 1 for an event that is noted; for those that are only counted, their number as a negative one, and the position is the last of them.
    package private(set) var counts: [Int64] = []

    package var isEmpty: Bool { keys.isEmpty }

    /// Notes an event.
    mutating func add(_ key: String, _ position: Int64, _ error: String?, count: Int64 = 1) {
        keys.append(key)
        positions.append(position)
        counts.append(count)
        // PostgreSQL's text has no NUL.
        errors.append(error.map { String($0.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : Character($0) }) })
    }
}

/// The key of a parked row as the offset store has it: the texts of its columns, as a JSON array.
enum ParkedKeyText {
    static func encode(_ texts: [String]) -> String {
        var bytes = Array("[".utf8)
        for (index, text) in texts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.append(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }

    static func decode(_ text: String) throws -> [String] {
        do {
            return try JSONDecoder().decode([String].self, from: Data(text.utf8))
        } catch {
            throw ProjectionError(.tableChanged, "\"\(text)\" in parked_keys is no key: \(error)")
        }
    }
}
