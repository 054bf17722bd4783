public import HindsightPostgres

extension Optional: ViewValue where Wrapped: ViewValue {
    /// The wrapped value's form, or null.
    @inlinable public var columnForm: Wrapped.ColumnForm? { self?.columnForm }
    /// The wrapped value, or nil.
    @inlinable
    public init(columnForm: Wrapped.ColumnForm?) { self = columnForm.map { Wrapped(columnForm: $0) } }

    /// True.
    @inlinable public static var isNullable: Bool { true }
    /// The wrapped value's.
    @inlinable public var heapByteCount: Int { self?.heapByteCount ?? 0 }
    /// Whether both are nil, or their values are the same.
    @inlinable
    public func isSame(as other: Wrapped?) -> Bool {
        switch (self, other) {
        case (.some(let value), .some(let other)): value.isSame(as: other)
        case (.none, .none): true
        default: false
        }
    }

    /// The one that was compiled for the wrapped type.
    @inlinable public static var columnCoder: ColumnCoder { Wrapped.optionalColumnCoder }

    /// The wrapped value's text.
    public var columnText: String? { self?.columnText ?? nil }
    /// The wrapped value in the text.
    public init?(columnText text: String) {
        guard let value = Wrapped(columnText: text) else { return nil }
        self = .some(value)
    }
}
