public import HindsightPostgres

/// How the values of a column are written and read, given where they stand in memory.
///
/// Its loops are compiled where a type declares that it is a ``ViewValue``, for that type. A loop that is made where a
/// table lists its columns would not be: the compiler does not specialize code for the types of a parameter pack, and
/// the loop would ask for the type's functions with each value.
public struct ColumnCoder: Sendable {
    /// Values that stand at some distance from each other, as one array parameter: the first one's place if there
    /// is one, the distance in bytes, and their number.
    let encode: @Sendable (UnsafeRawPointer?, Int, Int) throws -> SQL
    /// Appends a value to a row of a COPY.
    let copy: @Sendable (UnsafeRawPointer, inout PostgresCopyRow) throws -> Void
    /// Puts the value of a result's row into a place, where there is a value already.
    let decode: @Sendable (PostgresRow, Int, UnsafeMutableRawPointer) throws -> Void
    /// The memory that a value takes outside of its place.
    let heapBytes: @Sendable (UnsafeRawPointer) -> Int
    /// The value as text; nil for null.
    let text: @Sendable (UnsafeRawPointer) -> String?
    /// A parameter from text; nil if the text is not a value.
    let bind: @Sendable (String) -> SQL?
    /// Values to try the column with.
    let samples: @Sendable () -> [ColumnSample]

    /// - Parameter check: throws if the column cannot hold a value.
    @inlinable
    init<Access: ColumnAccess>(
        _ access: Access, check: @escaping @Sendable (borrowing Access.Value) throws -> Void
    ) {
        self.init(
            encode: { first, distance, count in
                var values = PostgresArray<Access.Value.ColumnForm>()
                if var place = first {
                    for _ in 0..<count {
                        try access.read(place) { value in
                            try check(value)
                            try values.append(value.columnForm)
                        }
                        place += distance
                    }
                }
                return "\(values)"
            },
            copy: { place, fields in
                try access.read(place) { value in
                    try check(value)
                    try fields.append(value.columnForm)
                }
            },
            decode: { source, index, place in
                access.write(
                    Access.Value(columnForm: try source.decode(index, as: Access.Value.ColumnForm.self)), to: place)
            },
            heapBytes: { place in access.read(place) { $0.heapByteCount } },
            text: { place in access.read(place) { $0.columnText } },
            bind: { text in Access.Value(columnText: text).map { "\($0.columnForm)" } },
            samples: { Access.Value.samples.map { ColumnSample($0, access) } })
    }

    @usableFromInline
    init(
        encode: @escaping @Sendable (UnsafeRawPointer?, Int, Int) throws -> SQL,
        copy: @escaping @Sendable (UnsafeRawPointer, inout PostgresCopyRow) throws -> Void,
        decode: @escaping @Sendable (PostgresRow, Int, UnsafeMutableRawPointer) throws -> Void,
        heapBytes: @escaping @Sendable (UnsafeRawPointer) -> Int,
        text: @escaping @Sendable (UnsafeRawPointer) -> String?, bind: @escaping @Sendable (String) -> SQL?,
        samples: @escaping @Sendable () -> [ColumnSample]
    ) {
        self.encode = encode
        self.copy = copy
        self.decode = decode
        self.heapBytes = heapBytes
        self.text = text
        self.bind = bind
        self.samples = samples
    }
}
