public import HindsightLog
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
    let pool: PostgresPool
    /// The schema of the stable names.
    let schema: String
    let configuration: EngineConfiguration
    /// Asked where it ends, for errors of reads that wait; nil if it is not known.
    let log: (any EventLog)?
    /// The reads that wait, of all users of the pool.
    let reads: WaitingReads

    /// Creates access to the views in a schema.
    ///
    /// - Parameters:
    ///   - pool: connections to the views' database.
    ///   - schema: the schema of the stable names, the same as the engine's. Defaults to `public`.
    public init(pool: PostgresPool, schema: String = "public") {
        var configuration = EngineConfiguration()
        configuration.viewSchema = schema
        self.init(pool: pool, configuration: configuration)
    }

    /// Creates access to the views of an engine with other settings than the default ones.
    ///
    /// - Parameters:
    ///   - pool: connections to the views' database.
    ///   - configuration: the engine's: its schemas, and how long its leases last.
    ///   - log: the log of the views, so that an error can say that a read waited for a position that it has not come to.
    ///     Defaults to none.
    public init(pool: PostgresPool, configuration: EngineConfiguration, log: (any EventLog)? = nil) {
        self.pool = pool
        self.schema = configuration.viewSchema
        self.configuration = configuration
        self.log = log
        reads = .of(pool, schema: configuration.schema)
    }

    /// Creates access to the views of the projections that share a context.
    public init(_ context: ProjectionContext) {
        self.init(pool: context.pool, configuration: context.configuration, log: context.log)
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

    func name<Row: ViewRow>(of type: Row.Type) -> PostgresIdentifier {
        PostgresIdentifier(schema: PostgresIdentifier(schema), Row.table.name)
    }
}
