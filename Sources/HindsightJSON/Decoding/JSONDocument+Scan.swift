extension JSONDocument {
    /// Checks the whole document and finds its nodes, in one pass.
    ///
    /// - Throws: ``JSONError`` if it is not exactly one JSON value.
    func scan(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var cursor = try JSONCursor(bytes)
        reset(to: bytes)
        // Foundation ignores a byte order mark as well.
        if bytes.count > 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { cursor.next += 3 }
        try scanValues(&cursor)
        try cursor.takeEnd()
    }

    /// Finds the nodes of one value and of all that it holds.
    ///
    /// While an array or object is open, its `next` is the node that it is in, or the marker for none.
    private func scanValues(_ cursor: inout JSONCursor) throws(JSONError) {
        let none = UInt32.max
        var container = none
        var depth = 0
        while true {
            // A value: a leaf falls through to what follows it; an array or object that is not empty goes on inside.
            let start = cursor.next
            switch cursor.peekToken() {
            case UInt8(ascii: "\""):
                try scanString(&cursor)
            case UInt8(ascii: "{"):
                guard depth < JSONCursor.maximumDepth else { throw JSONError(.nestedTooDeeply, at: cursor.offset) }
                let index = append(.object, start: start, in: cursor, next: container)
                cursor.next += 1
                if cursor.peekToken() == UInt8(ascii: "}") {
                    cursor.next += 1
                    close(index)
                } else {
                    depth += 1
                    container = index
                    try scanKey(&cursor)
                    continue
                }
            case UInt8(ascii: "["):
                guard depth < JSONCursor.maximumDepth else { throw JSONError(.nestedTooDeeply, at: cursor.offset) }
                let index = append(.array, start: start, in: cursor, next: container)
                cursor.next += 1
                if cursor.peekToken() == UInt8(ascii: "]") {
                    cursor.next += 1
                    close(index)
                } else {
                    depth += 1
                    container = index
                    continue
                }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let start = cursor.next
                let isInteger = try cursor.takeNumber()
                append(.number, start: start, in: cursor, features: isInteger ? .integer : [])
            case UInt8(ascii: "t"):
                try cursor.takeLiteral("true")
                append(.true, start: start, in: cursor)
            case UInt8(ascii: "f"):
                try cursor.takeLiteral("false")
                append(.false, start: start, in: cursor)
            case UInt8(ascii: "n"):
                try cursor.takeLiteral("null")
                append(.null, start: start, in: cursor)
            default:
                throw cursor.error(.expectedValue)
            }
            // What follows a value: the next one, or the end of one or more containers.
            while true {
                guard container != none else { return }
                let nodes = state.pointee.nodes
                nodes[Int(container)].length += 1
                let isObject = nodes[Int(container)].kind == .object
                let token = cursor.peekToken()
                if token == UInt8(ascii: ",") {
                    cursor.next += 1
                    if isObject { try scanKey(&cursor) }
                    break
                }
                guard token == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw cursor.error(isObject ? .expectedCommaOrBrace : .expectedCommaOrBracket)
                }
                cursor.next += 1
                let parent = nodes[Int(container)].next
                close(container)
                container = parent
                depth -= 1
            }
        }
    }

    @inline(__always)
    private func scanKey(_ cursor: inout JSONCursor) throws(JSONError) {
        guard cursor.peekToken() == UInt8(ascii: "\"") else { throw cursor.error(.expectedKey) }
        try scanString(&cursor)
        try cursor.takeColon()
    }

    @inline(__always)
    private func scanString(_ cursor: inout JSONCursor) throws(JSONError) {
        let start = cursor.next + 1
        let features = try cursor.takeString()
        let index = append(.string, start: start, in: cursor, features: JSONNode.Features(rawValue: features.rawValue))
        state.pointee.nodes[Int(index)].length -= 1  // the closing quote
    }

    /// Adds a node that reaches from `start` to the cursor.
    @inline(__always)
    @discardableResult
    private func append(
        _ kind: JSONKind, start: UnsafePointer<UInt8>, in cursor: JSONCursor, next: UInt32? = nil,
        features: JSONNode.Features = []
    ) -> UInt32 {
        let index = state.pointee.nodeCount
        if index == state.pointee.nodeCapacity { growNodes() }
        let isContainer = next != nil
        state.pointee.nodes[index] = JSONNode(
            start: isContainer
                ? UInt32(truncatingIfNeeded: index + 1) : UInt32(truncatingIfNeeded: start - cursor.start),
            length: isContainer ? 0 : UInt32(truncatingIfNeeded: cursor.next - start),
            next: next ?? UInt32(truncatingIfNeeded: index + 1), kind: kind, features: features)
        state.pointee.nodeCount = index + 1
        return UInt32(truncatingIfNeeded: index)
    }

    @inline(__always)
    private func close(_ container: UInt32) {
        state.pointee.nodes[Int(container)].next = UInt32(truncatingIfNeeded: state.pointee.nodeCount)
    }
}
