public import HindsightValues

extension Day: PostgresEncodable, PostgresDecodable {
    /// Days from 1970 to 2000, PostgreSQL's epoch.
    @usableFromInline static var postgresEpoch: Int32 { 10_957 }

    /// `date`
    @inlinable public static var postgresType: PostgresType { .date }

    /// Appends days since 2000.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` for a day that a 32-bit count from 2000 cannot reach.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) throws {
        let (value, overflow) = daysSince1970.subtractingReportingOverflow(Self.postgresEpoch)
        guard !overflow, value != .min else {
            throw PostgresError.unrepresentable(Self.self, as: .date, "it is too early")
        }
        buffer.append(value)
    }

    /// Reads a `date`.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` for `infinity`.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .date, bytes.count == 4 else {
            throw PostgresError.typeMismatch(Self.self, type)
        }
        let value = bytes.bigEndian(Int32.self, at: 0)
        let (days, overflow) = value.addingReportingOverflow(Self.postgresEpoch)
        guard !overflow, value != .min else {
            throw PostgresError.outOfRange(Self.self, type)
        }
        self.init(daysSince1970: days)
    }
}
