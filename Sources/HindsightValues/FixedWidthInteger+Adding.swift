/// A sum that its type cannot hold.
public struct ArithmeticOverflow: Error, Hashable, Sendable, CustomStringConvertible {
    /// A description with the type and the numbers.
    public let description: String

    @inlinable
    init<Value: FixedWidthInteger>(_ left: Value, plus right: Value) {
        description = "\(left) + \(right) is more than \(Value.self) can hold"
    }
}

extension FixedWidthInteger {
    /// The sum, for numbers that come from outside: `+` traps if the sum does not fit, and a fold that traps crashes
    /// its whole process. An error stops only one projection.
    ///
    /// ```swift
    /// order.quantity = try order.quantity.adding(line.quantity)
    /// ```
    ///
    /// - Throws: ``ArithmeticOverflow`` if the type cannot hold the sum.
    @inlinable
    public func adding(_ other: Self) throws(ArithmeticOverflow) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        if overflow { throw ArithmeticOverflow(self, plus: other) }
        return sum
    }
}
