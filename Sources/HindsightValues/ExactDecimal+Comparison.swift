extension ExactDecimal: Comparable {
    /// Whether the two are the same number, whatever their scales: 2.50 equals 2.5.
    @inlinable
    public static func == (lhs: ExactDecimal, rhs: ExactDecimal) -> Bool {
        if lhs.scaleByte == rhs.scaleByte { return lhs.low == rhs.low && lhs.high == rhs.high }
        return order(lhs, rhs) == 0
    }

    /// Whether the left number is smaller. ``notANumber`` is not smaller than anything.
    @inlinable
    public static func < (lhs: ExactDecimal, rhs: ExactDecimal) -> Bool {
        if lhs.scaleByte == rhs.scaleByte { return lhs.coefficient < rhs.coefficient }
        return order(lhs, rhs) < 0
    }

    /// Negative, zero or positive as the left number is smaller, equal or larger.
    @usableFromInline
    static func order(_ lhs: ExactDecimal, _ rhs: ExactDecimal) -> Int {
        guard lhs.isNumber, rhs.isNumber else { return (lhs.isNumber ? 0 : 1) - (rhs.isNumber ? 0 : 1) }
        // Whole parts first: bringing the numbers themselves to one scale could overflow, bringing fractions cannot.
        let left = lhs.coefficient.quotientAndRemainder(dividingBy: Int128(powerOfTen(lhs.scale)))
        let right = rhs.coefficient.quotientAndRemainder(dividingBy: Int128(powerOfTen(rhs.scale)))
        guard left.quotient == right.quotient else { return left.quotient < right.quotient ? -1 : 1 }
        let scale = max(lhs.scale, rhs.scale)
        let leftFraction = left.remainder * Int128(powerOfTen(scale - lhs.scale))
        let rightFraction = right.remainder * Int128(powerOfTen(scale - rhs.scale))
        return leftFraction == rightFraction ? 0 : leftFraction < rightFraction ? -1 : 1
    }
}

extension ExactDecimal: Hashable {
    /// Hashes the number, whatever its scale.
    public func hash(into hasher: inout Hasher) {
        let normalized = normalized
        hasher.combine(normalized.low)
        hasher.combine(normalized.high)
        hasher.combine(normalized.scaleByte)
    }
}

extension ExactDecimal {
    /// The number with exactly `scale` digits after the point, rounded half away from zero, as PostgreSQL's `round`
    /// does; ``notANumber`` if that takes more than 38 digits.
    ///
    /// - Parameter scale: 0 to 38.
    public func rounded(toScale scale: Int) -> ExactDecimal {
        precondition(0...38 ~= scale, "a scale is from 0 to 38")
        guard isNumber else { return self }
        guard scale < self.scale else {
            let (coefficient, overflow) = coefficient.multipliedReportingOverflow(
                by: Int128(Self.powerOfTen(scale - self.scale)))
            return overflow || !Self.isWithinLimit(coefficient)
                ? .notANumber : ExactDecimal(uncheckedCoefficient: coefficient, scaleByte: UInt8(scale))
        }
        let divisor = Int128(Self.powerOfTen(self.scale - scale))
        let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: divisor)
        let carry: Int128 = remainder.magnitude < (divisor / 2).magnitude ? 0 : remainder < 0 ? -1 : 1
        return ExactDecimal(coefficient: quotient + carry, scale: scale)
    }
}

extension Double {
    /// The nearest floating-point number; not a number for ``ExactDecimal/notANumber``.
    public init(_ value: ExactDecimal) {
        if let word = value.word, value.scale <= 22, word.magnitude <= 1 << 53 {
            // Both are exact, so the one division rounds correctly.
            self = value.isNumber ? Double(word) / Double(ExactDecimal.powerOfTen(value.scale)) : .nan
        } else {
            self = Double(value.description) ?? .nan
        }
    }
}
