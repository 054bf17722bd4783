#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A second opinion on which members of an object count, as slow and plain as can be: it writes a document anew, without the
/// members whose key comes again later in their object.
struct LastMembers {
    private let bytes: [UInt8]
    private var position = 0
    private var isAnyReplaced = false

    /// The document with one member for each key. One without repetitions, or one that is not JSON, is left as it is.
    static func of(_ json: [UInt8]) -> [UInt8] {
        guard ReferenceValidator.isValid(json) else { return json }
        var members = LastMembers(bytes: json)
        let written = members.value()
        return members.isAnyReplaced ? written : json
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value() -> [UInt8] {
        space()
        defer { space() }
        switch bytes[position] {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "\""): return string()
        default: return scalar()
        }
    }

    private mutating func object() -> [UInt8] {
        var members: [(key: [UInt8], value: [UInt8])] = []
        var names: [String] = []
        position += 1
        space()
        while !take("}") {
            _ = take(",")
            space()
            let key = string()
            space()
            _ = take(":")
            let member = (key: key, value: value())
            // Half of a surrogate pair is no text, so nothing is the same as it.
            let name = try? JSONDecoder().decode(String.self, from: Data(key))
            if let name, let earlier = names.firstIndex(of: name) {
                members.remove(at: earlier)
                names.remove(at: earlier)
                isAnyReplaced = true
            }
            members.append(member)
            names.append(name ?? "\(position)")
        }
        let texts = members.map { $0.key + [UInt8(ascii: ":")] + $0.value }
        return Array("{".utf8) + texts.joined(separator: ",".utf8) + Array("}".utf8)
    }

    private mutating func array() -> [UInt8] {
        var elements: [[UInt8]] = []
        position += 1
        space()
        while !take("]") {
            _ = take(",")
            elements.append(value())
        }
        return Array("[".utf8) + elements.joined(separator: ",".utf8) + Array("]".utf8)
    }

    private mutating func string() -> [UInt8] {
        let start = position
        position += 1
        while bytes[position] != UInt8(ascii: "\"") { position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1 }
        position += 1
        return Array(bytes[start..<position])
    }

    private mutating func scalar() -> [UInt8] {
        let start = position
        while position < bytes.count, !" \n\r\t,]}".utf8.contains(bytes[position]) { position += 1 }
        return Array(bytes[start..<position])
    }

    private mutating func space() {
        while take(" ") || take("\n") || take("\r") || take("\t") {}
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
