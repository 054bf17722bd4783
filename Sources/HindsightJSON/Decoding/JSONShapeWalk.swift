/// A walk along a shape while an object is scanned.
struct JSONShapeWalk {
    private var next: UnsafePointer<JSONShape.Key>
    private let end: UnsafePointer<JSONShape.Key>
    private let text: UnsafePointer<UInt8>

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

    /// Moves past members that have exactly the next keys of the shape, and whose values are strings of ASCII characters
    /// without escapes or whole numbers, without white space behind them; not past the first one that is different.
    @inline(__always)
    private mutating func takePlainMembers(
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
