extension UnsafeRawBufferPointer {
    /// The integer in network byte order at an offset. The caller has checked the bounds.
    @inlinable
    func bigEndian<I: FixedWidthInteger>(_ type: I.Type, at offset: Int) -> I {
        I(bigEndian: loadUnaligned(fromByteOffset: offset, as: I.self))
    }
}
