import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Date: PostgresEncodable, PostgresDecodable {
    /// `timestamp with time zone`
    public static var postgresType: PostgresType { .timestamptz }

    /// Appends the instant, rounded to the microsecond.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` for an instant outside the server's range.
    public func encode(into buffer: inout PostgresBuffer) throws {
        let microseconds = (timeIntervalSince1970 * 1_000_000).rounded()
        guard let exact = Int64(exactly: microseconds) else {
            throw PostgresError.unrepresentable(Self.self, as: .timestamptz, "it is out of range")
        }
        try Timestamp(microsecondsSince1970: exact).encode(into: &buffer)
    }

    /// Reads a `timestamp with time zone`, or a `timestamp` taken as UTC.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` for `infinity`.
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        let timestamp = try Timestamp(postgres: bytes, type: type)
        self.init(timeIntervalSince1970: Double(timestamp.microsecondsSince1970) / 1_000_000)
    }
}
