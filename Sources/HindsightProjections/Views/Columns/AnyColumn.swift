import HindsightPostgres

/// A column of any type, for the parts of the engine that treat all columns alike.
///
/// Rows are passed by pointer: they stay where they are, and nothing is copied or retained but the column's value.
@usableFromInline
package struct AnyColumn<Row: Sendable>: Sendable {
    /// The column's name in the table.
    package let name: String
    /// The column's type in the table.
    package let type: ColumnType
    /// True if the column may be null.
    package let isNullable: Bool
    /// The stored property that it is; nil if it is computed.
    let property: StoredProperty?
    private let coder: ColumnCoder
    /// How far from the row's beginning the coder's place is.
    private let offset: Int

    @usableFromInline
    init(name: String, type: ColumnType, isNullable: Bool, property: StoredProperty?, coder: ColumnCoder) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.property = property
        self.coder = coder
        offset = property?.offset ?? 0
        // Code that reads beyond the row would read another row, or what is no memory.
        precondition(offset >= 0 && offset + (property?.size ?? 0) <= MemoryLayout<Row>.size)
    }

    /// The column's values in some rows, as one array parameter.
    func encode(_ rows: [Row]) throws -> SQL {
        try rows.withUnsafeBufferPointer { rows in
            do {
                return try coder.encode(rows.baseAddress.map { place($0) }, MemoryLayout<Row>.stride, rows.count)
            } catch {
                throw named(error)
            }
        }
    }

    /// Appends the value of a row to a row of a COPY.
    func copy(_ row: UnsafePointer<Row>, _ fields: inout PostgresCopyRow) throws {
        do {
            try coder.copy(place(row), &fields)
        } catch {
            throw named(error)
        }
    }

    /// Puts the value of a result's row into a row.
    func decode(_ source: PostgresRow, _ index: Int, _ row: UnsafeMutablePointer<Row>) throws {
        try coder.decode(source, index, UnsafeMutableRawPointer(row) + offset)
    }

    /// The error of a value that cannot be sent, with the column's name.
    private func named(_ error: any Error) -> any Error {
        (error as? PostgresError)?.naming(column: name) ?? error
    }

    /// The memory that a row's value takes outside of the row.
    func heapBytes(_ row: UnsafePointer<Row>) -> Int { coder.heapBytes(place(row)) }

    /// The value as text; nil for null.
    func text(_ row: UnsafePointer<Row>) -> String? { coder.text(place(row)) }

    /// A parameter from text; nil if the text is not a value of the column's type.
    func bind(_ text: String) -> SQL? { coder.bind(text) }

    /// Values to try the column with.
    var samples: [ColumnSample] { coder.samples() }

    /// The place that the coder is given.
    func place(_ row: UnsafePointer<Row>) -> UnsafeRawPointer { UnsafeRawPointer(row) + offset }
    /// The place that the coder is given.
    func place(_ row: UnsafeMutablePointer<Row>) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(row) + offset }
}
