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
    /// This loop does what the one for all documents does, but the common case with only a few variables, which all
    /// fit into registers. It leaves everything else, and everything that is wrong, to the methods of the cursor.
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
            guard takeKey(&cursor, into: &list) else {
                isComplete = false
                return .key
            }
            if !Self.takePlainValue(&cursor, into: &list) {
                guard try Self.takeValue(&cursor, into: &list) else { return .value }
            }
            members &+= 1
            let token =
                cursor.next < cursor.end && cursor.next.pointee > 0x20 ? cursor.next.pointee : cursor.peekToken()
            guard token == UInt8(ascii: ",") || token == UInt8(ascii: "}") else {
                throw cursor.error(.expectedCommaOrBrace)
            }
            cursor.next += 1
            if token == UInt8(ascii: "}") { return .end }
        }
    }

    /// Moves past a key and its colon if it is the next one of the shape, or a later one: a member may be left out.
    @inline(__always)
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

    /// Moves past a string of ASCII characters without escapes or a whole number, which begins here and after which
    /// there is no white space; does nothing and returns false if there is anything else.
    @inline(__always)
    private static func takePlainValue(_ cursor: inout JSONCursor, into list: inout JSONNodeList) -> Bool {
        let value = cursor.next
        guard value < cursor.end else { return false }
        let start = value - cursor.start
        if value.pointee == UInt8(ascii: "\"") {
            guard let quote = cursor.endOfPlainString(value + 1) else { return false }
            list.append(.string, start: start &+ 1, length: quote - value &- 1)
            cursor.next = quote + 1
            return true
        }
        var digit = value
        if digit.pointee == UInt8(ascii: "-") { digit += 1 }
        let first = digit
        while digit < cursor.end, digit.pointee &- UInt8(ascii: "0") < 10 { digit += 1 }
        // A zero can only be the first digit if it is the only one.
        guard digit < cursor.end, digit.pointee == UInt8(ascii: ",") || digit.pointee == UInt8(ascii: "}"),
            digit > first, first.pointee != UInt8(ascii: "0") || digit - first == 1
        else { return false }
        list.append(.number, start: start, length: digit - value, features: .integer)
        cursor.next = digit
        return true
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
