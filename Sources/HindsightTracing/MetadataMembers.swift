import HindsightJSON

/// Members of an event's metadata: a JSON object, or none yet.
package enum MetadataMembers {
    /// Metadata with more members, none of which it has already.
    ///
    /// - Parameters:
    ///   - members: their keys and texts.
    ///   - metadata: JSON text; nil for an event without metadata.
    /// - Returns: nil if the metadata is no object, or has one of the keys: then it stays as it is.
    package static func adding(_ members: [(key: String, value: String)], to metadata: [UInt8]?) -> [UInt8]? {
        guard let metadata else { return Array("{".utf8) + text(of: members) + [UInt8(ascii: "}")] }
        guard let count = count(in: metadata, unlessAnyOf: members.map(\.key)),
            let brace = metadata.lastIndex(of: UInt8(ascii: "}"))
        else { return nil }
        var result = metadata
        result.insert(contentsOf: (count > 0 ? Array(",".utf8) : []) + text(of: members), at: brace)
        return result
    }

    /// The text of a member.
    ///
    /// - Returns: nil if the metadata is no object, or the key's value no string.
    package static func value(of key: String, in metadata: [UInt8]) -> String? {
        metadata.withUnsafeBytes { bytes in
            // What is no JSON has no members.
            guard var scanner = try? JSONScanner(bytes) else { return nil }
            while let member = try? scanner.nextMember() {
                if member.hasKey(key) { return try? member.string() }
            }
            return nil
        }
    }

    /// How many members it has; nil if it is no object, or has one of the keys.
    private static func count(in metadata: [UInt8], unlessAnyOf keys: [String]) -> Int? {
        metadata.withUnsafeBytes { bytes in
            do throws(JSONError) {
                var scanner = try JSONScanner(bytes)
                var count = 0
                while let member = try scanner.nextMember() {
                    if keys.contains(where: { member.hasKey($0) }) { return nil }
                    count += 1
                }
                return count
            } catch {
                return nil
            }
        }
    }

    private static func text(of members: [(key: String, value: String)]) -> [UInt8] {
        var text: [UInt8] = []
        for (index, member) in members.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            JSONWriter.append(member.key, to: &text)
            text.append(UInt8(ascii: ":"))
            JSONWriter.append(member.value, to: &text)
        }
        return text
    }
}
