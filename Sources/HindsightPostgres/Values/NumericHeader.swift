/// The head of PostgreSQL's binary `numeric`, which is followed by digits in base 10,000, the most significant one
/// first.
///
/// See `numeric_send` in PostgreSQL's `src/backend/utils/adt/numeric.c`.
struct NumericHeader {
    static let negative: UInt16 = 0x4000
    static let byteCount = 8

    /// How many base-10,000 digits follow.
    let digitCount: Int
    /// The power of 10,000 that the first digit stands for.
    let weight: Int
    let isNegative: Bool
    /// How many decimal digits after the point are shown.
    let scale: Int

    init(digitCount: Int, weight: Int, isNegative: Bool, scale: Int) {
        self.digitCount = digitCount
        self.weight = weight
        self.isNegative = isNegative
        self.scale = scale
    }

    /// Reads the head, and checks that the digits are there.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` for NaN and the infinities, which no decimal type here has.
    init<T>(postgres bytes: UnsafeRawBufferPointer, type: PostgresType, for swiftType: T.Type) throws {
        guard type == .numeric else {
            throw PostgresError.typeMismatch(swiftType, type)
        }
        guard bytes.count >= Self.byteCount else {
            throw PostgresError.malformed("numeric", type)
        }
        let sign = bytes.bigEndian(UInt16.self, at: 4)
        guard sign == 0 || sign == Self.negative else {
            throw PostgresError(.decoding, "numeric NaN and infinities cannot be read as \(swiftType)")
        }
        digitCount = Int(bytes.bigEndian(Int16.self, at: 0))
        guard digitCount >= 0, bytes.count == Self.byteCount + 2 * digitCount else {
            throw PostgresError.malformed("numeric", type)
        }
        weight = Int(bytes.bigEndian(Int16.self, at: 2))
        isNegative = sign == Self.negative
        scale = Int(bytes.bigEndian(UInt16.self, at: 6))
    }

    func encode(into buffer: inout PostgresBuffer) {
        buffer.append(Int16(truncatingIfNeeded: digitCount))
        buffer.append(Int16(truncatingIfNeeded: digitCount == 0 ? 0 : weight))
        buffer.append(isNegative && digitCount > 0 ? Self.negative : 0)
        buffer.append(UInt16(truncatingIfNeeded: scale))
    }
}
