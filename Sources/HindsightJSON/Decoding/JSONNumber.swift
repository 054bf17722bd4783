/// Reads numbers that a ``JSONCursor`` has checked.
enum JSONNumber {
    /// The nearest floating-point number; nil if that is infinite, or zero without the number being zero.
    static func double(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        if let parts = Parts(bytes), parts.magnitude <= 1 << 53, parts.exponent.magnitude <= 22 {
            // Both are exact, so the one operation rounds correctly (Clinger 1990).
            let power = powersOfTen[Int(parts.exponent.magnitude)]
            let value = parts.exponent < 0 ? Double(parts.magnitude) / power : Double(parts.magnitude) * power
            return parts.isNegative ? -value : value
        }
        guard let value = Double(String(decoding: bytes, as: UTF8.self)) else { return nil }
        return value.isFinite && (value != 0 || isZero(bytes)) ? value : nil
    }

    /// The nearest floating-point number of 32 bits; nil as for ``double(_:)``.
    static func float(_ bytes: UnsafeBufferPointer<UInt8>) -> Float? {
        guard let value = Float(String(decoding: bytes, as: UTF8.self)) else { return nil }
        return value.isFinite && (value != 0 || isZero(bytes)) ? value : nil
    }

    /// The magnitude of a number that is whole, if its digits and itself fit into 64 bits.
    static func wholeMagnitude(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
        guard let parts = Parts(bytes) else { return nil }
        var magnitude = parts.magnitude
        var exponent = parts.exponent
        while exponent < 0, magnitude > 0 {
            guard magnitude % 10 == 0 else { return nil }
            magnitude /= 10
            exponent += 1
        }
        while exponent > 0, magnitude > 0 {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            magnitude = product
            exponent -= 1
        }
        return magnitude
    }

    private static func isZero(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in bytes {
            if byte | 0x20 == UInt8(ascii: "e") { return true }
            if UInt8(ascii: "1")...UInt8(ascii: "9") ~= byte { return false }
        }
        return true
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// A number as `magnitude × 10^exponent`.
    private struct Parts {
        var isNegative = false
        var magnitude: UInt64 = 0
        var exponent = 0

        /// The parts; nil if the digits do not fit.
        init?(_ bytes: UnsafeBufferPointer<UInt8>) {
            var index = 0
            if bytes[0] == UInt8(ascii: "-") {
                isNegative = true
                index = 1
            }
            var fractionDigits = 0
            var isFraction = false
            // Zeros count for nothing until another digit follows: 1.50 has three digits, 100 has one.
            var zeros = 0
            while index < bytes.count {
                let byte = bytes[index]
                let digit = byte &- UInt8(ascii: "0")
                if digit < 10 {
                    if isFraction { fractionDigits += 1 }
                    zeros += 1
                    if digit > 0 {
                        guard append(digit, after: zeros) else { return nil }
                        zeros = 0
                    }
                } else if byte == UInt8(ascii: ".") {
                    isFraction = true
                } else {
                    break
                }
                index += 1
            }
            if index < bytes.count { readExponent(bytes[(index + 1)...]) }
            exponent += zeros - fractionDigits
        }

        /// Appends a digit after some places; false if it does not fit.
        private mutating func append(_ digit: UInt8, after places: Int) -> Bool {
            if magnitude > 0 {
                for _ in 0..<places {
                    let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                    guard !overflow else { return false }
                    magnitude = product
                }
            }
            let (sum, overflow) = magnitude.addingReportingOverflow(UInt64(digit))
            magnitude = sum
            return !overflow
        }

        private mutating func readExponent(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
            for byte in bytes where byte != UInt8(ascii: "+") && byte != UInt8(ascii: "-") {
                // Beyond every exponent that a number can have, and far from overflow.
                exponent = min(exponent * 10 + Int(byte &- UInt8(ascii: "0")), 1_000_000_000)
            }
            if bytes.first == UInt8(ascii: "-") { exponent = -exponent }
        }
    }
}
