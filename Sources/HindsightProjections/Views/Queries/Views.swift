public import HindsightPostgres

/// Reads views, by typed queries over row types or by free SQL.
///
/// ```swift
/// let views = Views(pool: pool)
/// let order = try await views.row(OrderSummary.self, "1")
/// let largest = try await views.fetch(OrderSummary.query.order(by: \.total, .descending).limit(10))
/// ```
///
/// Reading does not require it: any PostgreSQL client can read each view by its stable name.
public struct Views: Sendable {
    private let pool: PostgresPool
    private let schema: String

    /// Creates access to the views in a schema.
    ///
    /// - Parameters:
    ///   - pool: connections to the views' database.
    ///   - schema: the schema of the stable names, the same as the engine's. Defaults to `public`.
    public init(pool: PostgresPool, schema: String = "public") {
        self.pool = pool
        self.schema = schema
    }

    /// The rows that a query selects.
    public func fetch<Row: ViewRow>(_ query: ViewQuery<Row>) async throws -> [Row] {
        let statement = try query.select(from: name(of: Row.self))
        return try await pool.withSession { session in
            try session.query(statement).map { try Row.table.row(from: $0) }
        }
    }

    /// The row with a key; nil if there is none.
    public func row<Row: ViewRow>(_ type: Row.Type = Row.self, _ key: Row.Key) async throws -> Row? {
        let statement = try Row.table.selection(of: [key], from: name(of: type))
        return try await pool.withSession { session in
            try session.query(statement).first.map { try Row.table.row(from: $0) }
        }
    }

    /// How many rows a query selects, ignoring limit and page.
    public func count<Row: ViewRow>(_ query: ViewQuery<Row>) async throws -> Int {
        let statement = try query.count(from: name(of: Row.self))
        return try await pool.withSession { session in
            try session.query(statement).first?.decode(0, as: Int.self) ?? 0
        }
    }

    /// The result of your own statement, which names views by their stable names. It can only read.
    ///
    /// ```swift
    /// let result = try await views.query("select country, sum(total) from order_summary group by country")
    /// ```
    ///
    /// - Throws: `PostgresError`, with SQLSTATE 25006 for a statement that writes.
    public func query(_ statement: SQL) async throws -> PostgresResult {
        try await pool.withTransaction(TransactionOptions(.readCommitted, isReadOnly: true)) { [schema] session in
            _ = try session.query(
                """
                select set_config('search_path', quote_ident(\(schema)) || ', ' || current_setting('search_path'), true)
                """)
            return try session.query(statement)
        }
    }

    private func name<Row: ViewRow>(of type: Row.Type) -> PostgresIdentifier {
        PostgresIdentifier(schema: PostgresIdentifier(schema), Row.table.name)
    }
}
