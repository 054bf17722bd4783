extension JSONShapeWalk {
    /// Moves past members that have exactly the next keys of the shape, and whose values are strings of ASCII characters
    /// without escapes or whole numbers, without white space behind them; not past the first one that is different.
    @inline(__always)
    mutating func takePlainMembers(
        _ cursor: inout JSONCursor, into list: inout JSONNodeList
    ) -> (members: UInt32, isEnd: Bool) {
        let end = cursor.end
        let base = cursor.start
        var index = UInt32(truncatingIfNeeded: list.count)
        var node = list.nodes + list.count
        var member = cursor.next
        var key = next
        var members: UInt32 = 0
        defer {
            cursor.next = member
            next = key
            list.setCount(Int(index))
        }
        while key < self.end {
            let length = Int(key.pointee.length)
            let known = UnsafeRawPointer(text + Int(key.pointee.start))
            guard end - member > length, areEqual(UnsafeRawPointer(member), known, count: length) else { break }
            let value = member + length
            let start = UInt32(truncatingIfNeeded: value - base)
            let after: UnsafePointer<UInt8>
            if value.pointee == UInt8(ascii: "\"") {
                guard let quote = cursor.endOfPlainString(value + 1) else { break }
                node[1] = JSONNode(
                    start: start &+ 1, length: UInt32(truncatingIfNeeded: quote - value &- 1), next: index &+ 2,
                    kind: .string, features: [])
                after = quote + 1
            } else {
                guard let digits = Self.endOfPlainInteger(value, end) else { break }
                node[1] = JSONNode(
                    start: start, length: UInt32(truncatingIfNeeded: digits - value), next: index &+ 2, kind: .number,
                    features: .integer)
                after = digits
            }
            guard after < end, after.pointee == UInt8(ascii: ",") || after.pointee == UInt8(ascii: "}") else { break }
            node[0] = JSONNode(
                start: UInt32(truncatingIfNeeded: member - base) &+ key.pointee.contentStart,
                length: key.pointee.contentLength, next: index &+ 1, kind: .string, features: [])
            node += 2
            index &+= 2
            members &+= 1
            key += 1
            member = after + 1
            if after.pointee == UInt8(ascii: "}") { return (members, true) }
        }
        return (members, false)
    }

    /// Where a whole number ends that begins here; nil if there is none, or none that is correct.
    @inline(__always)
    private static func endOfPlainInteger(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8>? {
        var next = start
        if next.pointee == UInt8(ascii: "-") { next += 1 }
        let first = next
        while next < end, next.pointee &- UInt8(ascii: "0") < 10 { next += 1 }
        // A zero can only be the first digit if it is the only one.
        guard next > first, first.pointee != UInt8(ascii: "0") || next - first == 1 else { return nil }
        return next
    }
}
