extension ExactDecimal: LosslessStringConvertible {
    /// Reads a number written as `-12.50` or `1.25e3`, or `NaN` for ``notANumber``.
    ///
    /// A sign may come first; there must be a digit before a point, and one after it. Digits after the point are kept,
    /// so that `2.50` has the scale 2. The result is nil if the text is anything else, or if the number cannot be
    /// represented exactly.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ ExactDecimal(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// Reads a number from UTF-8 text, as ``init(_:)`` does, without making a string.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        if let value = ExactDecimal(short: bytes) {
            self = value
            return
        }
        var reader = TextReader(bytes)
        if reader.take(UInt8(ascii: "N")) {
            guard reader.take(UInt8(ascii: "a")), reader.take(UInt8(ascii: "N")), reader.isAtEnd else { return nil }
            self = .notANumber
            return
        }
        let isNegative = reader.take(UInt8(ascii: "-"))
        if !isNegative { _ = reader.take(UInt8(ascii: "+")) }
        guard let digits = reader.takeDecimalDigits(), let exponent = reader.takeExponent(), reader.isAtEnd else {
            return nil
        }
        self.init(magnitude: digits.magnitude, isNegative: isNegative, scale: digits.scale - exponent)
        guard isNumber else { return nil }
    }

    /// The number in plain digits, with as many after the point as its scale says: `2.50`. ``notANumber`` is `NaN`.
    public var description: String {
        TextWriter.string { write(to: &$0) }
    }

    /// Appends ``description`` to `bytes` without making a string.
    public func append(to bytes: inout [UInt8]) {
        TextWriter.append(to: &bytes) { write(to: &$0) }
    }

    /// Reads up to 18 digits without an exponent, nearly every number there is; nil for anything else.
    private init?(short bytes: UnsafeRawBufferPointer) {
        guard 1...20 ~= bytes.count, let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return nil
        }
        let end = start + bytes.count
        let isNegative = start.pointee == UInt8(ascii: "-")
        let first = isNegative ? start + 1 : start
        var next = first
        var word: Int64 = 0
        // Where the digits after the point begin; the end if there is no point.
        var fraction = end
        while next < end {
            let digit = next.pointee &- UInt8(ascii: "0")
            if digit < 10 {
                word = word &* 10 &+ Int64(digit)
            } else if next.pointee == UInt8(ascii: "."), fraction == end, next > first, next + 1 < end {
                fraction = next + 1
            } else {
                return nil
            }
            next += 1
        }
        let scale = end - fraction
        guard 1...18 ~= end - first - (scale > 0 ? 1 : 0) else { return nil }
        self.init(
            uncheckedCoefficient: Int128(isNegative ? -word : word), scaleByte: UInt8(truncatingIfNeeded: scale))
    }

    private func write(to writer: inout TextWriter) {
        guard isNumber else {
            for byte in "NaN".utf8 { writer.append(byte) }
            return
        }
        if high < 0 { writer.append(UInt8(ascii: "-")) }
        let (whole, fraction) = coefficient.magnitude.quotientAndRemainder(dividingBy: Self.powerOfTen(scale))
        writer.append(wide: whole, width: 1)
        if scale > 0 {
            writer.append(UInt8(ascii: "."))
            writer.append(wide: fraction, width: scale)
        }
    }
}

extension ExactDecimal: Codable {
    /// Decodes a number from a string, see ``init(_:)``, or from a number.
    ///
    /// A string is the safer form: many JSON libraries read numbers as floating point.
    ///
    /// - Throws: `DecodingError.dataCorrupted` if the string is not a number or cannot be represented exactly.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            guard let value = ExactDecimal(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "Expected a decimal number of at most 38 digits.")
            }
            self = value
        } catch DecodingError.typeMismatch {
            // Not a string, so it must be a number; Foundation's decimal keeps the 38 digits that Double would lose.
            self = try ExactDecimal(foundationDecimalIn: container)
        }
    }

    /// Encodes the number as a string, see ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension TextReader {
    /// Takes `12.50` as 1250 and the scale 2. Zeros at the end of a fraction that do not fit are dropped; nil if other
    /// digits do not fit.
    fileprivate mutating func takeDecimalDigits() -> (magnitude: UInt128, scale: Int)? {
        var magnitude: UInt128 = 0
        var scale = 0
        guard let first = takeDigit() else { return nil }
        magnitude = UInt128(first)
        while let digit = takeDigit() {
            guard let next = magnitude.appending(digit: digit) else { return nil }
            magnitude = next
        }
        guard take(UInt8(ascii: ".")) else { return (magnitude, 0) }
        guard let digit = peek, digit &- UInt8(ascii: "0") < 10 else { return nil }
        var zeros = 0
        while let digit = takeDigit() {
            if digit == 0 {
                zeros += 1
                continue
            }
            for _ in 0..<zeros {
                guard let next = magnitude.appending(digit: 0) else { return nil }
                magnitude = next
            }
            guard let next = magnitude.appending(digit: digit) else { return nil }
            magnitude = next
            scale += zeros + 1
            zeros = 0
        }
        while zeros > 0, scale < ExactDecimal.maximumDigits, let next = magnitude.appending(digit: 0) {
            magnitude = next
            scale += 1
            zeros -= 1
        }
        return (magnitude, scale)
    }

    /// Takes `e-3` as -3; 0 if there is no exponent, nil if there is a malformed one.
    fileprivate mutating func takeExponent() -> Int? {
        guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return 0 }
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        guard var value = takeDigit() else { return nil }
        while let digit = takeDigit() {
            // Far beyond every exponent that can result in a number, and far from overflow.
            value = min(value * 10 + digit, 1_000_000)
        }
        return isNegative ? -value : value
    }
}

extension UInt128 {
    /// This number with one more digit; nil if it then has more than 38 digits, and so is no coefficient.
    fileprivate func appending(digit: Int) -> UInt128? {
        let (product, overflow) = multipliedReportingOverflow(by: 10)
        guard !overflow, product < ExactDecimal.limit.magnitude else { return nil }
        return product + UInt128(digit)
    }
}

extension TextWriter {
    /// Appends a number of up to 38 digits, with zeros in front up to a width.
    fileprivate mutating func append(wide value: UInt128, width: Int) {
        if value <= UInt128(UInt64.max) {
            append(UInt64(value), width: width)
            return
        }
        let (high, low) = value.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        append(wide: high, width: max(1, width - 19))
        append(UInt64(low), width: 19)
    }
}
