/// Whether a value may be moved by copying its bits. Nearly every value may; one with a weak reference may not, since
/// the runtime keeps track of the reference's address.
///
/// It is the flag of the type's value witness table (Swift's ABI, "TypeMetadata"), which follow its 8 functions, size
/// and stride.
@usableFromInline
package func isBitwiseTakable<Value>(_ type: Value.Type) -> Bool {
    let metadata = unsafeBitCast(type as Any.Type, to: UnsafePointer<UnsafeRawPointer>.self)
    let flags = metadata[-1].load(fromByteOffset: 10 * MemoryLayout<Int>.size, as: UInt32.self)
    return flags & 0x0010_0000 == 0
}

/// Refuses a type whose values cannot be lent without being retained (``withBorrowedValue(_:_:)``).
@usableFromInline
func requireBitwiseTakable<Value>(_ type: Value.Type) {
    precondition(
        isBitwiseTakable(type),
        "\(type) has a weak reference, which a row, a key or an event cannot have: keep the value that it stands for instead"
    )
}
