extension JSONDocument {
    /// Checks the whole document and finds its nodes, in one pass.
    ///
    /// - Parameter type: the type that will be decoded from it. Other documents of this type had the same keys, most
    ///   likely.
    /// - Throws: ``JSONError`` if it is not exactly one JSON value.
    func scan(_ bytes: UnsafeBufferPointer<UInt8>, for type: ObjectIdentifier) throws(JSONError) {
        var cursor = try JSONCursor(bytes)
        reset(to: bytes)
        // Foundation ignores a byte order mark as well.
        if bytes.count > 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { cursor.next += 3 }
        let known = state.pointee.types.known(type)
        state.pointee.known = known
        var walk = JSONShapeWalk(known?.pointee.shape)
        do {
            var list = state.pointee.list
            // Also after an error: the list may have moved.
            defer { state.pointee.list = list }
            try Self.scanDocument(&cursor, into: &list, along: &walk)
        }
        try cursor.takeEnd()
        if let walk, walk.isComplete, self[0].kind == .object {
            // The keys of a shape are different and plain, and each was taken once.
            state.pointee.list.nodes[0].features.insert(.prepared)
        } else {
            state.pointee.types.learn(self, of: type)
        }
    }

    /// Finds the nodes of a document: those of an object of known shape along it, all others with the loop below.
    @inline(__always)
    private static func scanDocument(
        _ cursor: inout JSONCursor, into list: inout JSONNodeList, along walk: inout JSONShapeWalk?
    ) throws(JSONError) {
        var stop: JSONShapeWalk.Stop?
        if walk != nil, cursor.peekToken() == UInt8(ascii: "{") {
            var inside = cursor
            inside.next += 1
            if inside.peekToken() != UInt8(ascii: "}") {
                list.append(.object, start: 1, length: 0)
                cursor.next += 1
                stop = try walk?.takeMembers(&cursor, of: 0, into: &list)
            }
        }
        guard stop != .end else {
            list.nodes[0].next = UInt32(truncatingIfNeeded: list.count)
            return
        }
        try scanValues(&cursor, into: &list, along: &walk, after: stop)
    }

    /// Finds the nodes of one value and of all that it holds.
    ///
    /// While an array or object is open, its `next` is the node that it is in, or its own number if it is in none.
    ///
    /// - Parameter stop: where the walk through the outermost object, which has been opened, has stopped; nil if there
    ///   was none.
    @inline(never)
    private static func scanValues(
        _ cursor: inout JSONCursor, into list: inout JSONNodeList, along walk: inout JSONShapeWalk?,
        after stop: JSONShapeWalk.Stop?
    ) throws(JSONError) {
        var stop = stop
        var container = 0
        var depth = stop == nil ? 0 : 1
        var isInObject = stop != nil
        while true {
            list.reserveMember()
            if isInObject {
                // Only the outermost object has a shape.
                if depth == 1, stop == nil { stop = try walk?.takeMembers(&cursor, of: container, into: &list) }
                switch stop {
                case .end:
                    list.nodes[container].next = UInt32(truncatingIfNeeded: list.count)
                    return
                case .value: break
                case .key, nil:
                    guard cursor.peekToken() == UInt8(ascii: "\"") else { throw cursor.error(.expectedKey) }
                    try scanString(&cursor, into: &list)
                    try cursor.takeColon()
                }
                stop = nil
            }
            let token = cursor.peekToken()
            let start = cursor.offset
            switch token {
            case UInt8(ascii: "\""):
                try scanString(&cursor, into: &list)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < JSONCursor.maximumDepth else { throw JSONError(.nestedTooDeeply, at: start) }
                let isObject = token == UInt8(ascii: "{")
                let index = list.append(isObject ? .object : .array, start: list.count + 1, length: 0)
                cursor.next += 1
                if cursor.peekToken() == token + 2 {  // the closing bracket
                    cursor.next += 1
                } else {
                    list.nodes[index].next = UInt32(truncatingIfNeeded: container)
                    container = index
                    depth += 1
                    isInObject = isObject
                    continue
                }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let isInteger = try cursor.takeNumber()
                list.append(
                    .number, start: start, length: cursor.offset - start, features: isInteger ? .integer : [])
            case UInt8(ascii: "t"):
                try cursor.takeLiteral("true")
                list.append(.true, start: start, length: 4)
            case UInt8(ascii: "f"):
                try cursor.takeLiteral("false")
                list.append(.false, start: start, length: 5)
            case UInt8(ascii: "n"):
                try cursor.takeLiteral("null")
                list.append(.null, start: start, length: 4)
            default:
                throw cursor.error(.expectedValue)
            }
            // What follows a value: the next one, or the end of one or more containers.
            while true {
                guard depth > 0 else { return }
                list.nodes[container].length &+= 1
                let token = cursor.peekToken()
                if token == UInt8(ascii: ",") {
                    cursor.next += 1
                    break
                }
                guard token == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw cursor.error(isInObject ? .expectedCommaOrBrace : .expectedCommaOrBracket)
                }
                cursor.next += 1
                depth -= 1
                let parent = Int(list.nodes[container].next)
                list.nodes[container].next = UInt32(truncatingIfNeeded: list.count)
                container = parent
                isInObject = list.nodes[container].kind == .object
            }
        }
    }

    @inline(__always)
    private static func scanString(_ cursor: inout JSONCursor, into list: inout JSONNodeList) throws(JSONError) {
        let start = cursor.offset + 1
        let features = try cursor.takeString()
        list.append(
            .string, start: start, length: cursor.offset - 1 - start,
            features: JSONNode.Features(rawValue: features.rawValue))
    }
}
