/// Walks the elements of an array in binary form.
@usableFromInline
struct PostgresArrayReader {
    /// How many elements the array has.
    @usableFromInline let count: Int
    /// The type of each element.
    @usableFromInline let elementType: PostgresType
    @usableFromInline var rest: UnsafeRawBufferPointer

    @usableFromInline
    init(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard bytes.count >= 12 else {
            throw PostgresError.malformed("array", type)
        }
        let dimensions = bytes.bigEndian(Int32.self, at: 0)
        elementType = PostgresType(rawValue: bytes.bigEndian(UInt32.self, at: 8))
        switch dimensions {
        case 0:
            count = 0
            rest = UnsafeRawBufferPointer(rebasing: bytes[12...])
        case 1:
            // Each element has a length of four bytes, which bounds the possible count.
            guard bytes.count >= 20 else { throw PostgresError.malformed("array", type) }
            let length = Int(bytes.bigEndian(Int32.self, at: 12))
            guard length >= 0, length <= (bytes.count - 20) / 4 else { throw PostgresError.malformed("array", type) }
            count = length
            rest = UnsafeRawBufferPointer(rebasing: bytes[20...])
        default:
            throw PostgresError(.decoding, "an array of \(dimensions) dimensions cannot be read as a Swift array")
        }
    }

    /// The next element's bytes, `nil` for a null.
    @inlinable
    mutating func next() throws -> UnsafeRawBufferPointer? {
        guard rest.count >= 4 else {
            throw PostgresError.malformed("array", elementType)
        }
        let length = Int(rest.bigEndian(Int32.self, at: 0))
        if length < 0 {
            rest = UnsafeRawBufferPointer(rebasing: rest[4...])
            return nil
        }
        guard rest.count >= 4 + length else {
            throw PostgresError.malformed("array", elementType)
        }
        let element = UnsafeRawBufferPointer(rebasing: rest[4..<4 + length])
        rest = UnsafeRawBufferPointer(rebasing: rest[(4 + length)...])
        return element
    }
}
