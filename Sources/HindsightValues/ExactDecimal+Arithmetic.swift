extension ExactDecimal: AdditiveArithmetic {
    /// The exact sum, with the larger of the two scales; ``notANumber`` if that takes more than 38 digits.
    @inlinable
    public static func + (lhs: ExactDecimal, rhs: ExactDecimal) -> ExactDecimal {
        if lhs.scaleByte == rhs.scaleByte {
            let (sum, overflow) = lhs.coefficient.addingReportingOverflow(rhs.coefficient)
            if !overflow, isWithinLimit(sum) {
                return ExactDecimal(uncheckedCoefficient: sum, scaleByte: lhs.scaleByte)
            }
        }
        return sum(lhs, rhs)
    }

    /// The exact difference, with the larger of the two scales; ``notANumber`` if that takes more than 38 digits.
    @inlinable
    public static func - (lhs: ExactDecimal, rhs: ExactDecimal) -> ExactDecimal {
        lhs + -rhs
    }

    /// Adds a number in place, see ``+(_:_:)``.
    @inlinable
    public static func += (lhs: inout ExactDecimal, rhs: ExactDecimal) {
        lhs = lhs + rhs
    }

    /// Subtracts a number in place, see ``-(_:_:)``.
    @inlinable
    public static func -= (lhs: inout ExactDecimal, rhs: ExactDecimal) {
        lhs = lhs - rhs
    }

    /// The number with the other sign.
    @inlinable
    public static prefix func - (operand: ExactDecimal) -> ExactDecimal {
        ExactDecimal(uncheckedCoefficient: 0 &- operand.coefficient, scaleByte: operand.scaleByte)
    }

    /// The number without its sign.
    @inlinable
    public var magnitude: ExactDecimal {
        high < 0 ? -self : self
    }
}

extension ExactDecimal {
    /// The exact product, whose scale is the sum of the two scales; zeros at its end are dropped if it would otherwise
    /// have more than 38 digits, and it is ``notANumber`` if it still has.
    @inlinable
    public static func * (lhs: ExactDecimal, rhs: ExactDecimal) -> ExactDecimal {
        let scale = Int(lhs.scaleByte) + Int(rhs.scaleByte)
        if scale <= 38, let left = lhs.word, let right = rhs.word {
            // The product of two words is at most 2^126, which is less than 10^38.
            let (high, low) = left.multipliedFullWidth(by: right)
            return ExactDecimal(low: low, high: high, scaleByte: UInt8(truncatingIfNeeded: scale))
        }
        return product(lhs, rhs)
    }

    /// The exact product with a whole number, with the scale of the decimal; ``notANumber`` if it has over 38 digits.
    @inlinable
    public static func * (lhs: ExactDecimal, rhs: Int) -> ExactDecimal {
        if let left = lhs.word {
            let (high, low) = left.multipliedFullWidth(by: Int64(rhs))
            return ExactDecimal(low: low, high: high, scaleByte: lhs.scaleByte)
        }
        return product(lhs, ExactDecimal(rhs))
    }

    /// The exact product with a whole number, with the scale of the decimal; ``notANumber`` if it has over 38 digits.
    @inlinable
    public static func * (lhs: Int, rhs: ExactDecimal) -> ExactDecimal {
        rhs * lhs
    }

    /// Multiplies by a number in place, see ``*(_:_:)-(ExactDecimal,ExactDecimal)``.
    @inlinable
    public static func *= (lhs: inout ExactDecimal, rhs: ExactDecimal) {
        lhs = lhs * rhs
    }

    /// Multiplies by a whole number in place, see ``*(_:_:)-(ExactDecimal,Int)``.
    @inlinable
    public static func *= (lhs: inout ExactDecimal, rhs: Int) {
        lhs = lhs * rhs
    }

    @inlinable
    init(low: UInt64, high: Int64, scaleByte: UInt8) {
        self.low = low
        self.high = high
        self.scaleByte = scaleByte
    }

    /// The coefficient, if it fits into one word.
    @inlinable
    var word: Int64? {
        let word = Int64(truncatingIfNeeded: low)
        return word &>> 63 == high ? word : nil
    }
}

// What the common cases above leave over: signed magnitudes, unequal scales, zeros that must be dropped.
extension ExactDecimal {
    @usableFromInline
    static func sum(_ lhs: ExactDecimal, _ rhs: ExactDecimal) -> ExactDecimal {
        guard lhs.isNumber, rhs.isNumber else { return .notANumber }
        return aligned(lhs, rhs) ?? aligned(lhs.normalized, rhs.normalized) ?? .notANumber
    }

    /// The sum at the larger scale; nil if one of the two cannot be brought to it.
    private static func aligned(_ lhs: ExactDecimal, _ rhs: ExactDecimal) -> ExactDecimal? {
        let scale = max(lhs.scaleByte, rhs.scaleByte)
        let (left, overflowLeft) = lhs.coefficient.magnitude
            .multipliedReportingOverflow(by: powerOfTen(Int(scale - lhs.scaleByte)))
        let (right, overflowRight) = rhs.coefficient.magnitude
            .multipliedReportingOverflow(by: powerOfTen(Int(scale - rhs.scaleByte)))
        // Twice the limit is still far from the end of the 128 bits; what is beyond it cannot come back by a sum.
        let bound = 2 * limit.magnitude
        guard !overflowLeft, !overflowRight, left <= bound, right <= bound else { return nil }
        let isLeftNegative = lhs.high < 0
        let isRightNegative = rhs.high < 0
        let result =
            if isLeftNegative == isRightNegative {
                left.addingReportingOverflow(right).overflow
                    ? ExactDecimal.notANumber
                    : ExactDecimal(magnitude: left + right, isNegative: isLeftNegative, scale: Int(scale))
            } else if left >= right {
                ExactDecimal(magnitude: left - right, isNegative: isLeftNegative, scale: Int(scale))
            } else {
                ExactDecimal(magnitude: right - left, isNegative: isRightNegative, scale: Int(scale))
            }
        return result.isNumber ? result : nil
    }

    @usableFromInline
    static func product(_ lhs: ExactDecimal, _ rhs: ExactDecimal) -> ExactDecimal {
        guard lhs.isNumber, rhs.isNumber else { return .notANumber }
        var (high, low) = lhs.coefficient.magnitude.multipliedFullWidth(by: rhs.coefficient.magnitude)
        var scale = Int(lhs.scaleByte) + Int(rhs.scaleByte)
        while high > 0 {
            let (quotient, remainder) = high.quotientAndRemainder(dividingBy: 10)
            let (lowQuotient, lowRemainder) = UInt128(10).dividingFullWidth((remainder, low))
            guard lowRemainder == 0, scale > 0 else { return .notANumber }
            (high, low) = (quotient, lowQuotient)
            scale -= 1
        }
        return ExactDecimal(magnitude: low, isNegative: (lhs.high < 0) != (rhs.high < 0), scale: scale)
    }

    /// Brings any magnitude and scale into the permitted range, or results in ``notANumber``.
    @usableFromInline
    init(magnitude: UInt128, isNegative: Bool, scale: Int) {
        var magnitude = magnitude
        var scale = magnitude == 0 ? max(0, min(38, scale)) : scale
        while scale > 0, scale > 38 || magnitude >= Self.limit.magnitude {
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else {
                self = .notANumber
                return
            }
            magnitude = quotient
            scale -= 1
        }
        while scale < 0, magnitude < Self.limit.magnitude {
            magnitude *= 10
            scale += 1
        }
        guard scale >= 0, magnitude < Self.limit.magnitude else {
            self = .notANumber
            return
        }
        let coefficient = Int128(magnitude)
        self.init(uncheckedCoefficient: isNegative ? -coefficient : coefficient, scaleByte: UInt8(scale))
    }

    /// The same number with the smallest scale: 2.5 for 2.50.
    package var normalized: ExactDecimal {
        guard isNumber, scaleByte > 0 else { return self }
        var scale = scaleByte
        if var word {
            while scale > 0, word % 10 == 0 {
                word /= 10
                scale -= 1
            }
            return ExactDecimal(uncheckedCoefficient: Int128(word), scaleByte: scale)
        }
        var coefficient = coefficient
        while scale > 0, coefficient % 10 == 0 {
            coefficient /= 10
            scale -= 1
        }
        return ExactDecimal(uncheckedCoefficient: coefficient, scaleByte: scale)
    }

    /// 10 to the power of 0 to 38.
    static func powerOfTen(_ exponent: Int) -> UInt128 {
        var power: UInt128 = 1
        for _ in 0..<exponent { power *= 10 }
        return power
    }
}
