/// How the value of a column is reached, given a place in memory.
@usableFromInline
protocol ColumnAccess<Value>: Sendable {
    associatedtype Value: ViewValue

    /// Calls `body` with the value.
    func read<Result>(_ place: UnsafeRawPointer, _ body: (borrowing Value) throws -> Result) rethrows -> Result
    /// Replaces the value.
    func write(_ value: consuming Value, to place: UnsafeMutableRawPointer)
}

/// The value stands in the place itself.
@usableFromInline
struct StoredAccess<Value: ViewValue>: ColumnAccess {
    @inlinable
    init() {}

    @inlinable
    @inline(__always)
    func read<Result>(_ place: UnsafeRawPointer, _ body: (borrowing Value) throws -> Result) rethrows -> Result {
        try body(place.assumingMemoryBound(to: Value.self).pointee)
    }

    @inlinable
    @inline(__always)
    func write(_ value: consuming Value, to place: UnsafeMutableRawPointer) {
        place.assumingMemoryBound(to: Value.self).pointee = value
    }
}

/// A row stands in the place, and closures compute the value.
@usableFromInline
struct ComputedAccess<Row: Sendable, Value: ViewValue>: ColumnAccess {
    @usableFromInline let get: @Sendable (borrowing Row) -> Value
    @usableFromInline let set: @Sendable (inout Row, Value) -> Void

    @inlinable
    init(get: @escaping @Sendable (borrowing Row) -> Value, set: @escaping @Sendable (inout Row, Value) -> Void) {
        self.get = get
        self.set = set
    }

    @inlinable
    func read<Result>(_ place: UnsafeRawPointer, _ body: (borrowing Value) throws -> Result) rethrows -> Result {
        try body(get(place.assumingMemoryBound(to: Row.self).pointee))
    }

    @inlinable
    func write(_ value: consuming Value, to place: UnsafeMutableRawPointer) {
        set(&place.assumingMemoryBound(to: Row.self).pointee, value)
    }
}
