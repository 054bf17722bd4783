extension PostgresBuffer {
    /// Where an array starts, and how many nulls had been written before it.
    @usableFromInline
    struct ArrayHeader {
        @usableFromInline let position: Int
        @usableFromInline let nullCount: Int

        @inlinable
        init(position: Int, nullCount: Int) {
            self.position = position
            self.nullCount = nullCount
        }
    }

    /// Appends the head of an array's binary form: dimensions, whether there are nulls (filled in by
    /// ``finishArray(_:)``), element type, and for a non-empty array its length and lower bound.
    @inlinable
    mutating func appendArrayHeader(of type: PostgresType, count: Int) -> ArrayHeader {
        let header = ArrayHeader(position: self.count, nullCount: nullCount)
        append(Int32(count == 0 ? 0 : 1))
        append(Int32(0))
        append(type.rawValue)
        if count > 0 {
            append(Int32(truncatingIfNeeded: count))
            append(Int32(1))
        }
        return header
    }

    /// Records in the header whether any null was written since.
    @inlinable
    mutating func finishArray(_ header: ArrayHeader) {
        if nullCount != header.nullCount {
            overwrite(Int32(1), at: header.position + 4)
        }
    }

    /// Appends fields of one fixed width, each with its length before it, with one capacity check for all.
    @inlinable
    mutating func appendFixedWidthFields<Value, I: FixedWidthInteger>(
        _ values: [Value], _ bits: (Value) throws -> I
    ) rethrows {
        let width = MemoryLayout<I>.size
        var position = advance(by: values.count * (4 + width))
        try storage.withUnsafeMutableBytes { target in
            let length = Int32(truncatingIfNeeded: width).bigEndian
            for value in values {
                target.storeBytes(of: length, toByteOffset: position, as: Int32.self)
                target.storeBytes(of: try bits(value).bigEndian, toByteOffset: position + 4, as: I.self)
                position += 4 + width
            }
        }
    }

    /// Appends fields of varying width, each with its length before it, with one capacity check for all.
    ///
    /// - Parameters:
    ///   - values: what to append.
    ///   - byteCount: the length of a value's binary form.
    ///   - copy: writes a value's binary form to memory of that length.
    /// - Throws: ``PostgresError`` with code `encoding` if a value does not fit an `Int32` length.
    @inlinable
    mutating func appendFields<Value>(
        _ values: [Value], byteCount: (Value) -> Int, copy: (Value, UnsafeMutableRawBufferPointer) -> Void
    ) throws {
        var total = 4 * values.count
        for value in values {
            total += byteCount(value)
        }
        var position = advance(by: total)
        try storage.withUnsafeMutableBytes { target in
            for value in values {
                let bytes = byteCount(value)
                guard let length = Int32(exactly: bytes) else {
                    throw PostgresError(.encoding, "a value is larger than 2 GiB")
                }
                target.storeBytes(of: length.bigEndian, toByteOffset: position, as: Int32.self)
                position += 4
                copy(value, UnsafeMutableRawBufferPointer(rebasing: target[position..<position + bytes]))
                position += bytes
            }
        }
    }
}
