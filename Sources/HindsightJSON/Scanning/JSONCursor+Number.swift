extension JSONCursor {
    /// Moves past a number, of which the next byte is a minus sign or a digit.
    ///
    /// - Returns: whether it has neither a fraction nor an exponent.
    @inline(__always)
    mutating func takeNumber() throws(JSONError) -> Bool {
        if next.pointee == UInt8(ascii: "-") { next += 1 }
        guard next < end, isDigit(next.pointee) else { throw error(.invalidNumber) }
        if next.pointee == UInt8(ascii: "0") {
            next += 1
            if next < end, isDigit(next.pointee) { throw JSONError(.invalidNumber, at: offset) }
        } else {
            skipDigits()
        }
        guard next < end else { return true }
        let byte = next.pointee
        guard byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") else { return true }
        try takeFractionAndExponent()
        return false
    }

    private mutating func takeFractionAndExponent() throws(JSONError) {
        if next.pointee == UInt8(ascii: ".") {
            next += 1
            guard next < end, isDigit(next.pointee) else { throw error(.invalidNumber) }
            skipDigits()
        }
        guard next < end, next.pointee | 0x20 == UInt8(ascii: "e") else { return }
        next += 1
        if next < end, next.pointee == UInt8(ascii: "+") || next.pointee == UInt8(ascii: "-") { next += 1 }
        guard next < end, isDigit(next.pointee) else { throw error(.invalidNumber) }
        skipDigits()
    }

    @inline(__always)
    private mutating func skipDigits() {
        while next < end, isDigit(next.pointee) { next += 1 }
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }
}
