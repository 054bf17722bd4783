extension JSONDocument {
    /// Objects of more members than this are searched through a table.
    private static let searchedMembers = 64

    /// Looks at the keys of an object before its members are searched for.
    ///
    /// The common object has a few different keys of ASCII characters, which can be compared as bytes. All others get a
    /// table: objects with many members, with a key twice (the last one counts, as in PostgreSQL), or with keys that
    /// strings compare by canonical equivalence.
    ///
    /// - Throws: `DecodingError` if the value is not an object, or a key is no text: it holds half a surrogate pair.
    func prepareObject(_ object: Int) throws {
        let node = self[object]
        guard node.kind == .object else { throw containerError([String: Any].self, "keyed", at: object) }
        guard !node.features.contains(.prepared) else { return }
        state.pointee.list.nodes[object].features.insert(.prepared)
        guard needsTable(object) else { return }
        do throws(JSONError) {
            try makeTable(of: object)
        } catch {
            throw corrupted("A key is not text.", at: object, underlyingError: error)
        }
    }

    /// Whether the members of an object are found through a table only.
    func needsTable(_ object: Int) -> Bool {
        let node = self[object]
        guard node.length <= Self.searchedMembers else { return true }
        // A set of 64 bits: two keys can only be equal if they have the same one.
        var seen: UInt64 = 0
        var index = object + 1
        while index < Int(node.next) {
            let key = self[index]
            guard key.features.isEmpty else { return true }
            let bytes = bytes(of: key)
            if let first = bytes.first {
                let hash = Int(first) &* 7 &+ Int(bytes[bytes.count &- 1]) &* 31 &+ bytes.count
                let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: hash)
                if seen & bit != 0, hasKey(bytes, in: object, before: index) { return true }
                seen |= bit
            } else if hasKey(bytes, in: object, before: index) {
                return true
            }
            index = Int(self[index + 1].next)
        }
        return false
    }

    private func hasKey(_ key: UnsafeBufferPointer<UInt8>, in object: Int, before end: Int) -> Bool {
        var index = object + 1
        while index < end {
            if isKey(index, equalTo: key) { return true }
            index = Int(self[index + 1].next)
        }
        return false
    }

    private func makeTable(of object: Int) throws(JSONError) {
        var members: [String: Int] = [:]
        members.reserveCapacity(Int(self[object].length))
        var index = object + 1
        while index < Int(self[object].next) {
            let key = try text(of: self[index])
            members[key] = index + 1  // the last one of a key stays
            index = Int(self[index + 1].next)
        }
        state.pointee.members[object] = members
        state.pointee.list.nodes[object].features.insert(.indexed)
    }

    /// The value of a member of a prepared object; 0 if there is none with this key. (Node 0 is the whole document.)
    ///
    /// Synthesized code asks for members in the order in which they were most likely written, so the one after the last
    /// found is looked at first.
    @inline(__always)
    func member(_ name: consuming String, of object: Int) -> Int {
        let node = self[object]
        guard !node.features.contains(.indexed) else { return state.pointee.members[object]?[name] ?? 0 }
        let predicted = Int(node.start)
        if makesSmallTexts, predicted < Int(node.next) {
            let key = self[predicted]
            if key.features.isEmpty, key.length <= JSONSmallText.capacity, JSONSmallText.isText(name, bytes(of: key)) {
                state.pointee.list.nodes[object].start = self[predicted + 1].next
                return predicted + 1
            }
        }
        return name.withUTF8 { key in
            if predicted < Int(node.next), isKey(predicted, equalTo: key) {
                state.pointee.list.nodes[object].start = self[predicted + 1].next
                return predicted + 1
            }
            return search(for: key, in: object)
        }
    }

    @inline(never)
    private func search(for key: UnsafeBufferPointer<UInt8>, in object: Int) -> Int {
        let end = Int(self[object].next)
        var index = object + 1
        while index < end {
            let next = self[index + 1].next
            if isKey(index, equalTo: key) {
                state.pointee.list.nodes[object].start = next
                return index + 1
            }
            index = Int(next)
        }
        // A few characters beyond ASCII are equivalent to one of it: U+212A is the letter K.
        guard key.contains(where: { $0 >= 0x80 }) else { return 0 }
        let name = String(decoding: key, as: UTF8.self)
        index = object + 1
        while index < end {
            if String(decoding: bytes(of: self[index]), as: UTF8.self) == name { return index + 1 }
            index = Int(self[index + 1].next)
        }
        return 0
    }

    @inline(__always)
    private func isKey(_ index: Int, equalTo key: UnsafeBufferPointer<UInt8>) -> Bool {
        let node = self[index]
        guard Int(node.length) == key.count else { return false }
        guard let base = key.baseAddress else { return true }
        let bytes = UnsafeRawPointer(state.pointee.bytes.unsafelyUnwrapped + Int(node.start))
        return areEqual(bytes, UnsafeRawPointer(base), count: key.count)
    }

    /// The keys of a prepared object, in the order of the document, each once: where the member that counts is.
    func keys(of object: Int) -> [String] {
        var keys: [String] = []
        keys.reserveCapacity(Int(self[object].length))
        let members = state.pointee.members[object]
        var index = object + 1
        while index < Int(self[object].next) {
            // A prepared object has no key that is not text.
            if let key = try? text(of: self[index]), members?[key] ?? (index + 1) == index + 1 { keys.append(key) }
            index = Int(self[index + 1].next)
        }
        return keys
    }
}

/// Whether two runs of bytes are equal: most keys take two comparisons of words, which overlap in the middle.
@inline(__always)
func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
    func differ<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type) -> Bool {
        left.loadUnaligned(fromByteOffset: offset, as: type) != right.loadUnaligned(fromByteOffset: offset, as: type)
    }
    if count >= 8 {
        var offset = 0
        while offset + 8 < count {
            if differ(offset, UInt64.self) { return false }
            offset += 8
        }
        return !differ(count - 8, UInt64.self)
    }
    if count >= 4 { return !differ(0, UInt32.self) && !differ(count - 4, UInt32.self) }
    for offset in 0..<count where differ(offset, UInt8.self) { return false }
    return true
}
