/// Calls `body` with a value that stays where it is, without retaining what it refers to.
///
/// Reading a value through a pointer copies it and retains all its references, because someone might change it in the
/// meantime; for each event that costs more than many folds. Here nobody can change it: the caller owns it and waits.
@inlinable
@inline(__always)
func withBorrowedValue<Value, Result>(
    _ pointer: UnsafePointer<Value>, _ body: (Value) throws -> Result
) rethrows -> Result {
    try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { place in
        guard let copy = place.baseAddress else { return try body(pointer.pointee) }
        // Only the bits are taken out for the call and put back afterwards: no reference count changes.
        UnsafeMutableRawPointer(copy).copyMemory(from: pointer, byteCount: MemoryLayout<Value>.size)
        let value = copy.move()
        defer { copy.initialize(to: value) }
        return try body(value)
    }
}
