public import HindsightValues

extension ExactDecimal: PostgresEncodable, PostgresDecodable {
    /// `numeric`
    public static var postgresType: PostgresType { .numeric }

    /// Appends a `numeric` with this value and scale.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` for ``HindsightValues/ExactDecimal/notANumber``.
    public func encode(into buffer: inout PostgresBuffer) throws {
        guard isNumber else {
            throw PostgresError.unrepresentable(Self.self, as: .numeric, "it is not a number")
        }
        // 38 decimal digits span at most eleven base-10,000 digits, however they lie around the point.
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 12) { digits in
            var count = 0
            var trailingZeros = 0
            var rest = coefficient.magnitude
            // The lowest digit is filled up with decimal zeros to a multiple of four places after the point.
            let partial = scale % 4
            if partial != 0 {
                let divisor = Self.powersOfTen[partial]
                digits[0] = UInt16(truncatingIfNeeded: rest % UInt128(divisor)) * Self.powersOfTen[4 - partial]
                rest /= UInt128(divisor)
                count = 1
                trailingZeros = digits[0] == 0 ? 1 : 0
            }
            while rest > 0 {
                // Most values fit 64 bits, where dividing costs a fraction.
                let digit: UInt16
                if let small = UInt64(exactly: rest) {
                    digit = UInt16(truncatingIfNeeded: small % 10_000)
                    rest = UInt128(small / 10_000)
                } else {
                    digit = UInt16(truncatingIfNeeded: rest % 10_000)
                    rest /= 10_000
                }
                if digit == 0, trailingZeros == count {
                    trailingZeros += 1
                }
                digits[count] = digit
                count += 1
            }
            if trailingZeros == count {
                count = 0
                trailingZeros = 0
            }
            let header = NumericHeader(
                digitCount: count - trailingZeros, weight: count - 1 - (scale + 3) / 4, isNegative: coefficient < 0,
                scale: scale)
            header.encode(into: &buffer)
            for index in stride(from: count - 1, through: trailingZeros, by: -1) {
                buffer.append(digits[index])
            }
        }
    }

    /// Reads a `numeric`, or an integer type.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` for NaN, infinities, and values that need more than 38 digits.
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .numeric else {
            self.init(coefficient: Int128(try Int64(postgres: bytes, type: type)), scale: 0)
            return
        }
        let header = try NumericHeader(postgres: bytes, type: type, for: Self.self)
        guard
            let magnitude = Self.magnitude(header, bytes), magnitude < Self.coefficientLimit, header.scale <= 38
        else {
            throw PostgresError.outOfRange(Self.self, type)
        }
        let coefficient = Int128(magnitude)
        self.init(coefficient: header.isNegative ? -coefficient : coefficient, scale: header.scale)
    }

    /// The digits as one number of units of the scale, or `nil` on overflow.
    private static func magnitude(_ header: NumericHeader, _ bytes: UnsafeRawBufferPointer) -> UInt128? {
        var value: UInt128 = 0
        // Decimal places after the point that `value` has so far; negative before the point is reached.
        var places = -4 * (header.weight + 1)
        for index in 0..<header.digitCount {
            var digit = bytes.bigEndian(UInt16.self, at: NumericHeader.byteCount + 2 * index)
            guard digit < 10_000 else { return nil }
            // The last digit can reach beyond the scale, with zeros.
            let taken = min(4, header.scale - places)
            guard taken > 0 else {
                if digit == 0 { continue }
                return nil
            }
            digit /= powersOfTen[4 - taken]
            guard let next = value.scaled(by: powersOfTen[taken], adding: digit) else { return nil }
            value = next
            places += taken
        }
        guard value > 0 else { return 0 }
        while places < header.scale {
            let step = min(4, header.scale - places)
            guard let next = value.scaled(by: powersOfTen[step], adding: 0) else { return nil }
            value = next
            places += step
        }
        return value
    }

    private static let powersOfTen: [UInt16] = [1, 10, 100, 1_000, 10_000]
    /// The first coefficient of 39 digits.
    private static let coefficientLimit = (0..<38).reduce(UInt128(1)) { power, _ in power * 10 }
}

extension UInt128 {
    /// This number times a factor plus a digit, or `nil` on overflow.
    fileprivate func scaled(by factor: UInt16, adding digit: UInt16) -> UInt128? {
        let (product, overflow) = multipliedReportingOverflow(by: UInt128(factor))
        let (sum, carry) = product.addingReportingOverflow(UInt128(digit))
        return overflow || carry ? nil : sum
    }
}
