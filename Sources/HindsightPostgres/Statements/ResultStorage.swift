import CLibPQ

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Owns a `PGresult` and clears it when the last row that refers to it is gone.
///
/// `@unchecked Sendable`: libpq never changes a `PGresult` after returning it, and nothing here does, so several
/// threads may read it at once.
@usableFromInline
final class ResultStorage: @unchecked Sendable {
    let result: OpaquePointer

    /// Takes over the result.
    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    @usableFromInline
    var rowCount: Int { Int(PQntuples(result)) }

    @usableFromInline
    var columnCount: Int { Int(PQnfields(result)) }

    var status: ExecStatusType { PQresultStatus(result) }

    /// The bytes of a field, `nil` for null. Valid as long as this object is.
    @usableFromInline
    func field(row: Int, column: Int) -> UnsafeRawBufferPointer? {
        let (row, column) = (Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
        let length = Int(PQgetlength(result, row, column))
        if length == 0, PQgetisnull(result, row, column) != 0 {
            return nil
        }
        return UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: length)
    }

    @usableFromInline
    func type(ofColumn column: Int) -> PostgresType {
        PostgresType(rawValue: PQftype(result, Int32(truncatingIfNeeded: column)))
    }

    @usableFromInline
    func name(ofColumn column: Int) -> String {
        PQfname(result, Int32(truncatingIfNeeded: column)).map { String(cString: $0) } ?? "column \(column)"
    }

    /// The first column with this exact name.
    func column(named name: String) -> Int? {
        (0..<columnCount).first { self.name(ofColumn: $0) == name }
    }

    var rowsAffected: Int {
        PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// Whether the result has this command tag, such as `INSERT 0 1`.
    func hasTag(_ tag: StaticString) -> Bool {
        guard let status = PQcmdStatus(result) else { return false }
        return strcmp(status, UnsafeRawPointer(tag.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }

    /// Whether the server ended the connection with this error.
    var isFatal: Bool {
        guard let severity = PQresultErrorField(result, PostgresError.Field.severity.code) else { return false }
        return strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0
    }
}
