import HindsightTestSupport
import HindsightValues
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ExactDecimalArithmeticTests {
    private func decimal(_ text: String) throws -> ExactDecimal {
        try #require(ExactDecimal(text))
    }

    @Test(arguments: [
        ("2.55", "1.45", "4.00"), ("2.5", "0.25", "2.75"), ("-1", "1", "0"), ("0.1", "0.2", "0.3"),
        ("99999999999999999999999999999999999999", "-1", "99999999999999999999999999999999999998"),
        ("9223372036854775807", "1", "9223372036854775808"), ("-2.50", "2.5", "0.00"),
        ("10000000000000000000000000000000000000", "1.00", "10000000000000000000000000000000000001"),
        ("9999999999999999999999999999999999999.5", "0.5", "10000000000000000000000000000000000000"),
    ])
    func sums(left: String, right: String, expected: String) throws {
        #expect(try (decimal(left) + decimal(right)).description == expected)
        #expect(try (decimal(right) + decimal(left)).description == expected)
        #expect(try decimal(expected) - decimal(left) == decimal(right))
    }

    @Test(arguments: [
        ("2.55", "6", "15.30"), ("-2.5", "0.25", "-0.625"), ("0", "-3.10", "0.00"),
        ("9223372036854775807", "9223372036854775807", "85070591730234615847396907784232501249"),
        ("-9223372036854775808", "-9223372036854775808", "85070591730234615865843651857942052864"),
        ("12345678901234567890.5", "2", "24691357802469135781.0"),
        ("0.00000000000000000000000000000000000002", "0.5", "0.00000000000000000000000000000000000001"),
        ("20000000000000000000000000000000000000.0", "0.5", "10000000000000000000000000000000000000"),
    ])
    func products(left: String, right: String, expected: String) throws {
        #expect(try (decimal(left) * decimal(right)).description == expected)
        #expect(try (decimal(right) * decimal(left)).description == expected)
    }

    @Test func multipliesByWholeNumbers() throws {
        var price = try decimal("2.55")
        #expect((price * 6).description == "15.30")
        #expect((-6 * price).description == "-15.30")
        #expect((price * Int.min).description == "-23519598693979678310.40")
        price *= 2
        #expect(price.description == "5.10")
    }

    @Test func overflowIsNotANumber() throws {
        let largest = try decimal(String(repeating: "9", count: 38))
        #expect(!(largest + 1).isNumber)
        #expect(!(-largest - 1).isNumber)
        #expect(!(largest * 10).isNumber)
        #expect(!(largest * largest).isNumber)
        #expect(try !(largest + decimal("0.1")).isNumber)
        let smallest = ExactDecimal(coefficient: 1, scale: 38)
        #expect(!(smallest * smallest).isNumber)
        #expect(!(smallest + largest).isNumber)
        #expect((largest + 1 - 1) == .notANumber)
    }

    @Test func notANumberStaysWhatItIs() throws {
        let one = try decimal("1.0")
        for result in [
            ExactDecimal.notANumber + one, one + .notANumber, .notANumber - one, .notANumber * 3, .notANumber * one,
            -ExactDecimal.notANumber, .notANumber + .notANumber, .notANumber * .notANumber,
            ExactDecimal.notANumber.rounded(toScale: 1), ExactDecimal.notANumber.magnitude,
        ] {
            #expect(result == .notANumber)
            #expect(result.description == "NaN")
        }
        #expect(ExactDecimal.notANumber.scale == 0 && ExactDecimal.notANumber.coefficient == 0)
    }

    @Test func comparesByValue() throws {
        let sorted = try ["-10", "-2.51", "-2.5", "0", "0.001", "2.5", "2.51", "1e37", "1e37"].map(decimal)
        #expect(sorted.shuffled().sorted() == sorted)
        #expect(try decimal("2.50") == decimal("2.5"))
        #expect(try decimal("2.50").hashValue == decimal("2.5").hashValue)
        #expect(try Set([decimal("0"), decimal("0.00"), decimal("0e5")]).count == 1)
        #expect(try decimal("99999999999999999999999999999999999999") > decimal("0.00000000000000000000000000000001"))
        #expect(try decimal("1") < .notANumber)
        #expect(!(ExactDecimal.notANumber < .notANumber))
    }

    @Test func buildsFromCoefficientAndScale() {
        #expect(ExactDecimal(coefficient: 255, scale: 2).description == "2.55")
        #expect(ExactDecimal(coefficient: -5, scale: 3).description == "-0.005")
        #expect(ExactDecimal(coefficient: 5, scale: -3).description == "5000")
        #expect(ExactDecimal(coefficient: 1_000, scale: 40).description == "0.00000000000000000000000000000000000010")
        #expect(ExactDecimal(coefficient: 1, scale: 39) == .notANumber)
        #expect(ExactDecimal(coefficient: .max, scale: 0) == .notANumber)
        #expect(ExactDecimal(coefficient: .min, scale: 0) == .notANumber)
        #expect(ExactDecimal(Int128.max) == .notANumber)
        #expect(ExactDecimal(UInt64.max).description == "18446744073709551615")
        #expect(ExactDecimal(Int.min).coefficient == Int128(Int.min))
    }

    @Test(arguments: [
        ("2.545", 2, "2.55"), ("-2.545", 2, "-2.55"), ("2.544", 2, "2.54"), ("2.5", 0, "3"), ("2.5", 3, "2.500"),
        ("9.99", 1, "10.0"), ("0.05", 0, "0"), ("-0.5", 0, "-1"),
    ])
    func rounds(text: String, scale: Int, expected: String) throws {
        #expect(try decimal(text).rounded(toScale: scale).description == expected)
    }

    @Test func convertsToFloatingPoint() throws {
        #expect(try Double(decimal("2.55")) == 2.55)
        #expect(try Double(decimal("12345678901234567890.123456789")) == 12345678901234567890.123456789)
        #expect(Double(ExactDecimal.notANumber).isNaN)
    }

    @Test func isCompact() {
        #expect(MemoryLayout<ExactDecimal>.stride == 24)
    }

    /// Sums and products of random numbers agree with the same arithmetic on whole numbers at one fixed scale.
    @Test func agreesWithIntegers() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let (left, right) = (
                Int64.random(in: -1_000_000...1_000_000, using: &generator),
                Int64.random(in: -999...999, using: &generator)
            )
            let (leftScale, rightScale) = (
                Int.random(in: 0...6, using: &generator), Int.random(in: 0...6, using: &generator)
            )
            let (a, b) = (
                ExactDecimal(coefficient: Int128(left), scale: leftScale),
                ExactDecimal(coefficient: Int128(right), scale: rightScale)
            )
            let (wideA, wideB) = (left * power(6 - leftScale), right * power(6 - rightScale))
            #expect(a + b == ExactDecimal(coefficient: Int128(wideA + wideB), scale: 6))
            #expect(a - b == ExactDecimal(coefficient: Int128(wideA - wideB), scale: 6))
            #expect(a * b == ExactDecimal(coefficient: Int128(wideA) * Int128(wideB), scale: 12))
            #expect((a < b) == (wideA < wideB))
            #expect((a == b) == (wideA == wideB))
            #expect(ExactDecimal(a.description) == a)
        }
    }

    private func power(_ exponent: Int) -> Int64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
