public import HindsightValues

extension Timestamp: PostgresEncodable, PostgresDecodable {
    /// Microseconds from 1970 to 2000, PostgreSQL's epoch.
    @usableFromInline static var postgresEpoch: Int64 { 946_684_800_000_000 }

    /// `timestamp with time zone`
    @inlinable public static var postgresType: PostgresType { .timestamptz }

    /// Appends microseconds since 2000.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` for an instant so early that a 64-bit count from 2000 cannot
    ///   reach it.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) throws {
        let (value, overflow) = microsecondsSince1970.subtractingReportingOverflow(Self.postgresEpoch)
        // The smallest count means minus infinity.
        guard !overflow, value != .min else {
            throw PostgresError.unrepresentable(Self.self, as: .timestamptz, "it is too early")
        }
        buffer.append(value)
    }

    /// Reads a `timestamp with time zone`, or a `timestamp` taken as UTC.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` for `infinity`.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .timestamptz || type == .timestamp, bytes.count == 8 else {
            throw PostgresError.typeMismatch(Self.self, type)
        }
        let value = bytes.bigEndian(Int64.self, at: 0)
        let (microseconds, overflow) = value.addingReportingOverflow(Self.postgresEpoch)
        guard !overflow, value != .min else {
            throw PostgresError.outOfRange(Self.self, type)
        }
        self.init(microsecondsSince1970: microseconds)
    }

    /// The instant of a count of microseconds from 2000, or the nearest one: for `infinity`, and for years that no timestamp has.
    package init(nearestToPostgres count: Int64) {
        let (microseconds, overflow) = count.addingReportingOverflow(Self.postgresEpoch)
        self.init(microsecondsSince1970: overflow ? .max : microseconds)
    }
}
