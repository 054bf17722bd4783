/// A second opinion on what is JSON: RFC 8259 written down production by production, byte by byte, as slow and plain as can be.
struct ReferenceValidator {
    private let bytes: [UInt8]
    private var position = 0

    static func isValid(_ bytes: [UInt8]) -> Bool {
        // Swift's own strings know what is UTF-8.
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        var validator = ReferenceValidator(bytes: bytes)
        return validator.element(depth: 0) && validator.position == bytes.count
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func element(depth: Int) -> Bool {
        space()
        guard value(depth: depth) else { return false }
        space()
        return true
    }

    private mutating func space() {
        while take(" ") || take("\n") || take("\r") || take("\t") {}
    }

    private mutating func value(depth: Int) -> Bool {
        if take("{") { return depth < 512 && object(depth: depth + 1) }
        if take("[") { return depth < 512 && array(depth: depth + 1) }
        if take("\"") { return string() }
        return word("true") || word("false") || word("null") || number()
    }

    private mutating func object(depth: Int) -> Bool {
        space()
        if take("}") { return true }
        repeat {
            space()
            guard take("\""), string() else { return false }
            space()
            guard take(":"), element(depth: depth) else { return false }
        } while take(",")
        return take("}")
    }

    private mutating func array(depth: Int) -> Bool {
        space()
        if take("]") { return true }
        repeat {
            guard element(depth: depth) else { return false }
        } while take(",")
        return take("]")
    }

    private mutating func string() -> Bool {
        while !take("\"") {
            guard position < bytes.count, bytes[position] >= 0x20 else { return false }
            if take("\\") {
                if take("u") {
                    for _ in 0..<4 {
                        guard "0123456789abcdefABCDEF".unicodeScalars.contains(where: { take($0) }) else {
                            return false
                        }
                    }
                } else {
                    guard "\"\\/bfnrt".unicodeScalars.contains(where: { take($0) }) else { return false }
                }
            } else {
                position += 1
            }
        }
        return true
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") { guard digits() else { return false } }
        if take(".") { guard digits() else { return false } }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard digits() else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = position
        while "0123456789".unicodeScalars.contains(where: { take($0) }) {}
        return position > start
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }
}
