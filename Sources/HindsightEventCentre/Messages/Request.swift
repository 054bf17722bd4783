import HindsightJSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The members of a request, each once; what it does not know of them is refused, so that nobody believes that it was heeded.
struct Request {
    /// The version of all requests and answers.
    static let version: Int64 = 1

    private var members: [String: (kind: JSONKind, bytes: [UInt8])] = [:]

    /// Reads a request.
    ///
    /// - Parameter known: the members that it may have, beside the version `v`.
    /// - Throws: ``EventCentreError``.
    init(_ bytes: [UInt8], known: Set<String>) throws {
        do {
            try bytes.withUnsafeBytes { bytes in
                var scanner = try JSONScanner(bytes)
                while let member = try scanner.nextMember() {
                    let name = try member.key
                    guard members.updateValue((member.kind, Array(member.bytes)), forKey: name) == nil else {
                        throw Self.malformed("the member \"\(Self.shown(name))\" comes twice")
                    }
                }
            }
        } catch let error as JSONError {
            throw Self.malformed("it is not a JSON object: \(error)")
        }
        try checkVersion()
        let names = known.sorted().joined(separator: ", ")
        for name in members.keys where name != "v" && !known.contains(name) {
            throw Self.malformed("there is no member \"\(Self.shown(name))\"; there are v, \(names)")
        }
    }

    private func checkVersion() throws {
        guard let version = try integer("v") else {
            throw Self.malformed("the member v is missing: it is \(Self.version)")
        }
        guard version == Self.version else {
            throw EventCentreError(
                .unsupportedVersion, "the request is of version \(version); this program knows version \(Self.version)")
        }
    }

    /// A name that somebody sent, not longer than is good for a message.
    private static func shown(_ name: String) -> String { name.count <= 64 ? name : "\(name.prefix(64))…" }

    static func malformed(_ what: String) -> EventCentreError {
        EventCentreError(.malformed, "the request cannot be read: \(what)")
    }

    // MARK: - Members

    private func member(_ name: String) -> (kind: JSONKind, bytes: [UInt8])? {
        members[name].flatMap { $0.kind == .null ? nil : $0 }
    }

    /// A member as it was written.
    func json(_ name: String) -> [UInt8]? { member(name)?.bytes }

    func object(_ name: String) throws -> [UInt8] {
        guard let member = member(name), member.kind == .object else {
            throw Self.malformed("\(name) is missing, or is no object")
        }
        return member.bytes
    }

    func string(_ name: String, atMost bytes: Int = 1_024) throws -> String? {
        guard let member = member(name) else { return nil }
        guard member.kind == .string, let text = try? decode(String.self, member.bytes) else {
            throw Self.malformed("\(name) is no string")
        }
        guard text.utf8.count <= bytes else {
            throw Self.malformed("\(name) has \(text.utf8.count) bytes; it may have \(bytes)")
        }
        guard !text.utf8.contains(0) else { throw Self.malformed("\(name) holds a zero byte") }
        return text
    }

    func integer(_ name: String) throws -> Int64? {
        guard let member = member(name) else { return nil }
        guard member.kind == .number, let value = try? decode(Int64.self, member.bytes) else {
            throw Self.malformed("\(name) is no whole number")
        }
        return value
    }

    func id(_ name: String) throws -> UUID? {
        guard let text = try string(name) else { return nil }
        guard let id = UUID(uuidString: text) else { throw Self.malformed("\(name) is no UUID") }
        return id
    }

    func strings(_ name: String) throws -> [String] {
        guard let member = member(name) else { return [] }
        guard member.kind == .array, let texts = try? decode([String].self, member.bytes) else {
            throw Self.malformed("\(name) is no array of strings")
        }
        return texts
    }

    /// The members of an object whose values are strings, numbers or truth values, as text.
    func texts(_ name: String) throws -> [(name: String, value: String)] {
        guard member(name) != nil else { return [] }
        let bytes = try object(name)
        do {
            return try bytes.withUnsafeBytes { bytes in
                var texts: [(name: String, value: String)] = []
                var scanner = try JSONScanner(bytes)
                while let member = try scanner.nextMember() {
                    switch member.kind {
                    case .string: texts.append((try member.key, try member.string()))
                    case .number, .true, .false:
                        texts.append((try member.key, String(decoding: member.bytes, as: UTF8.self)))
                    case .object, .array, .null:
                        throw Self.malformed(
                            "\(name).\(Self.shown(try member.key)) is no string, number or truth value")
                    }
                }
                return texts
            }
        } catch let error as JSONError {
            throw Self.malformed("\(name): \(error)")
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
        try JSONEventDecoder().decode(type, from: bytes)
    }
}
