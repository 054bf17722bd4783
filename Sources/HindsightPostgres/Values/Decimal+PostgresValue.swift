#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Decimal: PostgresEncodable, PostgresDecodable {
    /// `numeric`
    public static var postgresType: PostgresType { .numeric }

    /// Appends a `numeric` with this value. ``HindsightValues/ExactDecimal`` is several times faster.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` for NaN.
    public func encode(into buffer: inout PostgresBuffer) throws {
        guard isFinite else {
            throw PostgresError.unrepresentable(Self.self, as: .numeric, "it is not a number")
        }
        let text = description
        let unsigned = text.utf8.drop { $0 == UInt8(ascii: "-") }
        let parts = unsigned.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let whole = Array(parts[0])
        let fraction = parts.count > 1 ? Array(parts[1]) : []
        // Zeros on both sides make the point fall between two base-10,000 digits.
        let zero = UInt8(ascii: "0")
        let padded =
            [UInt8](repeating: zero, count: (4 - whole.count % 4) % 4) + whole + fraction
            + [UInt8](repeating: zero, count: (4 - fraction.count % 4) % 4)
        let digits = stride(from: 0, to: padded.count, by: 4).map { start in
            padded[start..<start + 4].reduce(UInt16(0)) { $0 * 10 + UInt16($1 - zero) }
        }
        let leading = digits.prefix { $0 == 0 }.count
        let significant = digits.dropFirst(leading).reversed().drop { $0 == 0 }.reversed()
        NumericHeader(
            digitCount: significant.count, weight: (whole.count + 3) / 4 - 1 - leading, isNegative: text.hasPrefix("-"),
            scale: fraction.count
        ).encode(into: &buffer)
        for digit in significant {
            buffer.append(digit)
        }
    }

    /// Reads a `numeric`, or an integer type.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` for NaN, infinities, and values that `Decimal` cannot hold
    ///   exactly.
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .numeric else {
            self.init(try Int64(postgres: bytes, type: type))
            return
        }
        let header = try NumericHeader(postgres: bytes, type: type, for: Self.self)
        var value = Decimal(0)
        var exponent = 4 * (header.weight - header.digitCount + 1)
        for index in 0..<header.digitCount {
            var digit = Int(bytes.bigEndian(UInt16.self, at: NumericHeader.byteCount + 2 * index))
            var factor = 10_000
            // The value need not have room for trailing zeros.
            while index == header.digitCount - 1, factor > 10, digit % 10 == 0 {
                digit /= 10
                factor /= 10
                exponent += 1
            }
            let next = value * Decimal(factor) + Decimal(digit)
            // A Decimal is certain to hold 38 digits; beyond, it would round silently.
            guard next < Self.exactLimit else {
                throw PostgresError.outOfRange(Self.self, type)
            }
            value = next
        }
        guard value != 0 else {
            self = 0
            return
        }
        guard (-128...127).contains(exponent) else {
            throw PostgresError.outOfRange(Self.self, type)
        }
        self.init(sign: header.isNegative ? .minus : .plus, exponent: exponent, significand: value)
    }

    private static let exactLimit = Decimal(sign: .plus, exponent: 38, significand: 1)
}
