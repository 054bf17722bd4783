/// An exact decimal number of up to 38 digits, of which up to 38 are after the point: for money, and for sums that must
/// not depend on the order of their terms.
///
/// ```swift
/// let price = ExactDecimal(coefficient: 255, scale: 2)
/// print(price * 6)                                      // 15.30
/// print(ExactDecimal("2.50") == ExactDecimal("2.5"))    // true: numbers are compared by value
/// ```
///
/// Addition, subtraction and multiplication are exact. A result that has no exact representation is ``notANumber``,
/// never a rounded number and never a trap.
@frozen
public struct ExactDecimal: Sendable {
    // Two words in place of an Int128, whose alignment would make every value 32 bytes long instead of 24.
    @usableFromInline let low: UInt64
    @usableFromInline let high: Int64
    @usableFromInline let scaleByte: UInt8

    /// The largest number of digits, before and after the point together, and of digits after the point.
    public static var maximumDigits: Int { 38 }

    /// The scale byte of ``notANumber``. Its coefficient is 0, so that sums with equal scales need no check for it.
    @usableFromInline static var notANumberScale: UInt8 { 255 }

    /// 10 to the power of 38: the magnitude of every coefficient is less.
    @usableFromInline static var limit: Int128 { 100_000_000_000_000_000_000_000_000_000_000_000_000 }

    /// The result of an operation that has no exact representation. It is equal to itself, sorts after every number,
    /// and every operation on it results in it.
    @inlinable
    public static var notANumber: ExactDecimal {
        ExactDecimal(uncheckedCoefficient: 0, scaleByte: notANumberScale)
    }

    /// The number 0.
    @inlinable
    public static var zero: ExactDecimal {
        ExactDecimal(uncheckedCoefficient: 0, scaleByte: 0)
    }

    /// The coefficient must be within the limit, and the scale at most 38 or that of ``notANumber``.
    @inlinable
    init(uncheckedCoefficient coefficient: Int128, scaleByte: UInt8) {
        low = UInt64(truncatingIfNeeded: coefficient)
        high = Int64(truncatingIfNeeded: coefficient &>> 64)
        self.scaleByte = scaleByte
    }

    /// The number `coefficient / 10^scale`.
    ///
    /// A scale over 38 is reduced by dropping zeros at the end of the coefficient, a negative one made 0 by adding
    /// some. The result is ``notANumber`` if that is not possible or takes more than 38 digits.
    @inlinable
    public init(coefficient: Int128, scale: Int) {
        if 0...38 ~= scale, Self.isWithinLimit(coefficient) {
            self.init(uncheckedCoefficient: coefficient, scaleByte: UInt8(truncatingIfNeeded: scale))
        } else {
            self.init(magnitude: coefficient.magnitude, isNegative: coefficient < 0, scale: scale)
        }
    }

    /// A whole number; ``notANumber`` if it has more than 38 digits.
    @inlinable
    public init<I: BinaryInteger>(_ value: I) {
        if let value = Int64(exactly: value) {
            self.init(uncheckedCoefficient: Int128(value), scaleByte: 0)
        } else if let value = Int128(exactly: value) {
            self.init(coefficient: value, scale: 0)
        } else {
            self = .notANumber
        }
    }

    /// The digits of the number without its point, as a whole number: 255 for 2.55. It is 0 for ``notANumber``.
    @inlinable
    public var coefficient: Int128 {
        Int128(truncatingIfNeeded: high) &<< 64 | Int128(truncatingIfNeeded: low)
    }

    /// The number of digits after the point, 0 to 38: 2 for 2.50. It is 0 for ``notANumber``.
    @inlinable
    public var scale: Int {
        isNumber ? Int(scaleByte) : 0
    }

    /// Whether this is a number, and not ``notANumber``.
    @inlinable
    public var isNumber: Bool {
        scaleByte != Self.notANumberScale
    }

    /// Whether the number has at most `scale` digits after the point, zeros at the end aside, and with `scale` of them at
    /// most `precision` digits in all. ``notANumber`` does not.
    public func fits(precision: Int, scale: Int) -> Bool {
        guard isNumber else { return false }
        var (digits, places) = (coefficient, self.scale)
        while places > scale {
            guard digits % 10 == 0 else { return false }
            digits /= 10
            places -= 1
        }
        var whole = digits.magnitude
        for _ in 0..<places { whole /= 10 }
        var count = 0
        while whole > 0 {
            whole /= 10
            count += 1
        }
        return count <= precision - scale
    }

    @inlinable
    static func isWithinLimit(_ coefficient: Int128) -> Bool {
        coefficient < limit && coefficient > -limit
    }
}

extension ExactDecimal: ExpressibleByIntegerLiteral {
    /// A whole number.
    @inlinable
    public init(integerLiteral value: Int) {
        self.init(uncheckedCoefficient: Int128(value), scaleByte: 0)
    }
}
