import HindsightJSON
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads lines of JSON as events, and refuses lines that the log would not store exactly as written.
///
/// It keeps the last stream and types: neighbours share them, so most strings need not be created.
package struct LineParser {
    private let limits: EventLogLimits
    private var stream = StreamName("")
    private var types: [String] = []

    /// - Parameter limits: the limits on the size of an event's parts.
    package init(limits: EventLogLimits = EventLogLimits()) {
        self.limits = limits
    }

    /// Reads a line.
    ///
    /// - Throws: ``ImportError``.
    package mutating func parse(_ bytes: UnsafeRawBufferPointer) throws -> ImportLine {
        guard !bytes.isEmpty else { throw ImportError("the line is empty") }
        do {
            return try members(bytes)
        } catch let error as JSONError {
            throw ImportError("\(error.code) at byte \(error.offset + 1) of the line")
        }
    }

    private mutating func members(_ bytes: UnsafeRawBufferPointer) throws -> ImportLine {
        var line = ImportLine()
        var seen: UInt16 = 0
        var scanner = try JSONScanner(bytes)
        while let member = try scanner.nextMember() {
            do {
                let key = try ImportKey(member)
                guard seen & key.bit == 0 else { throw ImportError("\"\(key.rawValue)\" comes twice") }
                seen |= key.bit
                // Programs often write null for missing values.
                if member.kind == .null, !key.isRequired { continue }
                try take(member, as: key, into: &line)
            } catch let error as ImportError {
                throw ImportError("\(error.reason), at byte \(member.range.lowerBound + 1) of the line")
            }
        }
        if let missing = ImportKey.allCases.first(where: { $0.isRequired && seen & $0.bit == 0 }) {
            throw ImportError("\"\(missing.rawValue)\" is missing")
        }
        return line
    }

    private mutating func take(_ member: JSONMember, as key: ImportKey, into line: inout ImportLine) throws {
        switch key {
        case .stream: line.stream = try streamName(member)
        case .type: line.type = try typeName(member)
        case .at: line.at = try timestamp(member, key)
        case .data:
            guard member.bytes.count <= limits.eventBytes else {
                throw tooLong(key, member.bytes.count, limit: limits.eventBytes)
            }
            line.data = Array(member.bytes)
        case .id:
            guard let id = UUID(uuidString: try text(member, key)) else { throw ImportError("\"id\" is not a UUID") }
            line.id = id
        case .schema:
            line.schema = try schemaVersion(member)
        case .correlation: line.correlation = try identifier(member, key)
        case .causation: line.causation = try identifier(member, key)
        case .meta:
            guard member.kind == .object else { throw ImportError("\"meta\" is not an object") }
            guard member.bytes.count <= limits.metadataBytes else {
                throw tooLong(key, member.bytes.count, limit: limits.metadataBytes)
            }
            line.meta = Array(member.bytes)
        case .recorded: line.recorded = try timestamp(member, key)
        }
    }

    private func schemaVersion(_ member: JSONMember) throws -> Int {
        // Whatever is wrong with the number, the answer is the same.
        guard let version = try? member.integer(), (1...Int64(Int32.max)).contains(version) else {
            throw ImportError("\"schema\" is not a whole number from 1 to \(Int32.max)")
        }
        return Int(version)
    }

    private mutating func streamName(_ member: JSONMember) throws -> StreamName {
        if let bytes = verbatim(member), stream.rawValue.utf8.elementsEqual(bytes), !bytes.isEmpty { return stream }
        stream = StreamName(try name(member, .stream, limit: limits.streamNameBytes))
        return stream
    }

    private mutating func typeName(_ member: JSONMember) throws -> String {
        if let bytes = verbatim(member) {
            for type in types where type.utf8.elementsEqual(bytes) { return type }
        }
        let type = try name(member, .type, limit: limits.typeNameBytes)
        if types.count < 32 { types.append(type) }
        return type
    }

    private func name(_ member: JSONMember, _ key: ImportKey, limit: Int) throws -> String {
        let name = try text(member, key)
        guard (1...limit).contains(name.utf8.count) else {
            throw ImportError("\"\(key.rawValue)\" has \(name.utf8.count) bytes; it must have 1 to \(limit)")
        }
        return name
    }

    private func identifier(_ member: JSONMember, _ key: ImportKey) throws -> String {
        let text = try text(member, key)
        guard text.utf8.count <= limits.correlationBytes else {
            throw tooLong(key, text.utf8.count, limit: limits.correlationBytes)
        }
        return text
    }

    private func tooLong(_ key: ImportKey, _ count: Int, limit: Int) -> ImportError {
        ImportError("\"\(key.rawValue)\" has \(count) bytes; it must have at most \(limit)")
    }

    private func text(_ member: JSONMember, _ key: ImportKey) throws -> String {
        guard member.kind == .string else { throw ImportError("\"\(key.rawValue)\" is not a string") }
        let text = try member.string()
        guard !text.utf8.contains(0) else { throw ImportError("\"\(key.rawValue)\" holds a zero byte") }
        return text
    }

    private func timestamp(_ member: JSONMember, _ key: ImportKey) throws -> Timestamp {
        let time = try verbatim(member).map { Timestamp(utf8: $0) } ?? Timestamp(text(member, key))
        guard let time else {
            throw ImportError("\"\(key.rawValue)\" is not an RFC 3339 time such as 2010-12-01T08:26:00Z")
        }
        return time
    }

    /// The bytes of a string that holds no escapes.
    private func verbatim(_ member: JSONMember) -> UnsafeRawBufferPointer? {
        guard member.kind == .string else { return nil }
        let content = UnsafeRawBufferPointer(rebasing: member.bytes[1..<(member.bytes.count - 1)])
        return content.contains(UInt8(ascii: "\\")) ? nil : content
    }
}
