#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension ExactDecimal {
    /// The number of a Foundation decimal; ``notANumber`` if it is not a number or cannot be represented exactly.
    public init(_ decimal: Decimal) {
        self = decimal.isNaN ? .notANumber : ExactDecimal(decimal.description) ?? .notANumber
    }

    /// Reads a Foundation decimal from a container.
    ///
    /// - Throws: `DecodingError.dataCorrupted` if it cannot be represented exactly.
    init(foundationDecimalIn container: any SingleValueDecodingContainer) throws {
        self = ExactDecimal(try container.decode(Decimal.self))
        guard isNumber else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Expected a decimal number of at most 38 digits.")
        }
    }
}
