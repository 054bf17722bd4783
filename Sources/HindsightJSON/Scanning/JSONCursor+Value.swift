extension JSONCursor {
    /// Moves past one value of any kind and what it holds, checking all of it.
    ///
    /// - Parameter depth: the number of arrays and objects that the value is in.
    mutating func takeValue(depth: Int = 0) throws(JSONError) -> JSONKind {
        switch peekToken() {
        case UInt8(ascii: "\""):
            _ = try takeString()
            return .string
        case UInt8(ascii: "{"):
            try takeObject(depth: depth)
            return .object
        case UInt8(ascii: "["):
            try takeArray(depth: depth)
            return .array
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            _ = try takeNumber()
            return .number
        case UInt8(ascii: "t"):
            try takeLiteral("true")
            return .true
        case UInt8(ascii: "f"):
            try takeLiteral("false")
            return .false
        case UInt8(ascii: "n"):
            try takeLiteral("null")
            return .null
        default:
            throw error(.expectedValue)
        }
    }

    private mutating func takeObject(depth: Int) throws(JSONError) {
        guard depth < Self.maximumDepth else { throw JSONError(.nestedTooDeeply, at: offset) }
        next += 1
        if peekToken() == UInt8(ascii: "}") {
            next += 1
            return
        }
        while true {
            guard peekToken() == UInt8(ascii: "\"") else { throw error(.expectedKey) }
            _ = try takeString()
            try takeColon()
            _ = try takeValue(depth: depth + 1)
            let token = peekToken()
            guard token == UInt8(ascii: ",") || token == UInt8(ascii: "}") else { throw error(.expectedCommaOrBrace) }
            next += 1
            if token == UInt8(ascii: "}") { return }
        }
    }

    private mutating func takeArray(depth: Int) throws(JSONError) {
        guard depth < Self.maximumDepth else { throw JSONError(.nestedTooDeeply, at: offset) }
        next += 1
        if peekToken() == UInt8(ascii: "]") {
            next += 1
            return
        }
        while true {
            _ = try takeValue(depth: depth + 1)
            let token = peekToken()
            guard token == UInt8(ascii: ",") || token == UInt8(ascii: "]") else { throw error(.expectedCommaOrBracket) }
            next += 1
            if token == UInt8(ascii: "]") { return }
        }
    }
}
