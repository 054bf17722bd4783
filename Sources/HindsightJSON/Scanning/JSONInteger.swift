/// Reads whole numbers from digits that a ``JSONCursor`` has checked: a minus sign, perhaps, and digits.
enum JSONInteger {
    /// The number; nil if it does not fit into 64 bits.
    @inline(__always)
    static func int64(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        // Eighteen digits cannot overflow.
        guard bytes.count <= 18 else { return parse(bytes) }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        var index = isNegative ? 1 : 0
        while index < bytes.count {
            value = value &* 10 &+ Int64(bytes[index] &- UInt8(ascii: "0"))
            index &+= 1
        }
        return isNegative ? 0 &- value : value
    }

    /// The number; nil if it does not fit.
    static func parse<T: FixedWidthInteger>(_ bytes: UnsafeBufferPointer<UInt8>, as type: T.Type = T.self) -> T? {
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var value: T = 0
        for byte in isNegative ? bytes.dropFirst() : bytes[...] {
            let digit = T(truncatingIfNeeded: byte &- UInt8(ascii: "0"))
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Negative numbers are built downwards, for the smallest one has no positive counterpart.
            let (next, carry) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = next
        }
        return value
    }
}
