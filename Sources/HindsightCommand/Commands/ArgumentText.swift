import ArgumentParser
import Hindsight
import HindsightJSON
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Parses the values of options, and reports what is wrong with them.
enum ArgumentText {
    @Sendable static func json(_ text: String) throws -> [UInt8] {
        let bytes = Array(text.utf8)
        do {
            try JSONScanner.validate(bytes)
        } catch {
            throw ValidationError("not JSON: \(error.code) at byte \(error.offset + 1)")
        }
        return bytes
    }

    @Sendable static func jsonObject(_ text: String) throws -> [UInt8] {
        let bytes = try json(text)
        guard bytes.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) == UInt8(ascii: "{") else {
            throw ValidationError("not a JSON object")
        }
        return bytes
    }

    @Sendable static func uuid(_ text: String) throws -> UUID {
        guard let id = UUID(uuidString: text) else { throw ValidationError("'\(text)' is not a UUID") }
        return id
    }

    @Sendable static func timestamp(_ text: String) throws -> Timestamp {
        guard let time = Timestamp(text) else {
            throw ValidationError("'\(text)' is not an RFC 3339 time such as 2010-12-01T08:26:00Z")
        }
        return time
    }

    @Sendable static func expectedVersion(_ text: String) throws -> ExpectedVersion {
        guard let version = ExpectedVersion(text) else {
            throw ValidationError("'\(text)' is not any, no-stream, exists or a version from 0")
        }
        return version
    }

    /// `COLUMN=VALUE`
    @Sendable static func equality(_ text: String) throws -> TextualView.Equality {
        guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
            throw ValidationError("'\(text)' is not COLUMN=VALUE")
        }
        return TextualView.Equality(column: String(text[..<sign]), value: String(text[text.index(after: sign)...]))
    }

    /// `COLUMN`, `COLUMN:asc` or `COLUMN:desc`
    @Sendable static func order(_ text: String) throws -> ColumnOrder {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return ColumnOrder(column: text, isDescending: false)
        case 2 where parts[1] == "asc" || parts[1] == "desc":
            return ColumnOrder(column: String(parts[0]), isDescending: parts[1] == "desc")
        default: throw ValidationError("'\(text)' is not COLUMN, COLUMN:asc or COLUMN:desc")
        }
    }
}
