/// A walk along a shape while an object is scanned.
struct JSONShapeWalk {
    var next: UnsafePointer<JSONShape.Key>
    let end: UnsafePointer<JSONShape.Key>
    let text: UnsafePointer<UInt8>

    /// Whether every key so far was one of the shape.
    private(set) var isComplete = true

    /// What has to be scanned after a walk.
    enum Stop {
        /// A key, which is not of the shape.
        case key
        /// A value, whose key is known.
        case value
        /// Nothing more of the object, of which the end has been taken.
        case end
    }

    /// A walk along a shape, which must live as long as the walk; nil along none.
    init?(_ shape: JSONShape?) {
        guard let shape, let keys = shape.keys.baseAddress, let text = shape.text.baseAddress else { return nil }
        next = UnsafePointer(keys)
        end = next + shape.keys.count
        self.text = UnsafePointer(text)
    }

    /// Moves past members as long as their keys are of the shape, and their values neither arrays nor objects.
    ///
    /// This does what the loop for all documents does, but the common case with only a few variables, which all fit
    /// into registers. It leaves everything else, and everything that is wrong, to the methods of the cursor.
    ///
    /// - Parameters:
    ///   - cursor: where a key should be.
    ///   - object: the node of the object.
    @inline(never)
    mutating func takeMembers(
        _ cursor: inout JSONCursor, of object: Int, into list: inout JSONNodeList
    ) throws(JSONError) -> Stop {
        list.reserveMembers(JSONShape.maximumMembers)
        var members: UInt32 = 0
        defer { list.nodes[object].length &+= members }
        while true {
            let (taken, isEnd) = takePlainMembers(&cursor, into: &list)
            members &+= taken
            if isEnd { return .end }
            guard takeKey(&cursor, into: &list) else {
                isComplete = false
                return .key
            }
            guard try Self.takeValue(&cursor, into: &list) else { return .value }
            members &+= 1
            let token = cursor.peekToken()
            guard token == UInt8(ascii: ",") || token == UInt8(ascii: "}") else {
                throw cursor.error(.expectedCommaOrBrace)
            }
            cursor.next += 1
            if token == UInt8(ascii: "}") { return .end }
        }
    }

    /// Moves past a key and its colon if it is the next one of the shape, or a later one: a member may be left out.
    private mutating func takeKey(_ cursor: inout JSONCursor, into list: inout JSONNodeList) -> Bool {
        var key = next
        while key < end {
            let length = Int(key.pointee.length)
            let known = UnsafeRawPointer(text + Int(key.pointee.start))
            if cursor.end - cursor.next >= length, areEqual(UnsafeRawPointer(cursor.next), known, count: length) {
                list.append(
                    .string, start: cursor.offset &+ Int(key.pointee.contentStart),
                    length: Int(key.pointee.contentLength))
                cursor.next += length
                next = key + 1
                return true
            }
            key += 1
        }
        return false
    }

    /// Moves past a value; false if it is an array or an object, or none at all.
    @inline(never)
    private static func takeValue(
        _ cursor: inout JSONCursor, into list: inout JSONNodeList
    ) throws(JSONError) -> Bool {
        let token = cursor.peekToken()
        let start = cursor.offset
        switch token {
        case UInt8(ascii: "\""):
            let features = try cursor.takeString()
            list.append(
                .string, start: start &+ 1, length: cursor.offset &- 2 &- start,
                features: JSONNode.Features(rawValue: features.rawValue))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let isInteger = try cursor.takeNumber()
            list.append(.number, start: start, length: cursor.offset &- start, features: isInteger ? .integer : [])
        case UInt8(ascii: "n"):
            try cursor.takeLiteral("null")
            list.append(.null, start: start, length: 4)
        case UInt8(ascii: "t"):
            try cursor.takeLiteral("true")
            list.append(.true, start: start, length: 4)
        case UInt8(ascii: "f"):
            try cursor.takeLiteral("false")
            list.append(.false, start: start, length: 5)
        default:
            return false
        }
        return true
    }
}
