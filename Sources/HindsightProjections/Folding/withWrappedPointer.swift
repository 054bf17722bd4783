/// Calls `body` with the place of an optional's value, which is not copied and nothing of which is retained; returns nil
/// without calling it if there is none.
///
/// An optional's value stands at its beginning: Swift's ABI, "Enum Layout", for enums with a single payload.
@inlinable
@inline(__always)
func withWrappedPointer<Value, Result>(
    to optional: inout Value?, _ body: (UnsafePointer<Value>) throws -> Result
) rethrows -> Result? {
    if optional == nil { return nil }
    return try withUnsafePointer(to: &optional) { pointer in
        try body(UnsafeRawPointer(pointer).assumingMemoryBound(to: Value.self))
    }
}
