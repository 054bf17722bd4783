public import HindsightPostgres

extension Views {
    /// The rows that a query selects, no older than a position of the log.
    ///
    /// ```swift
    /// let placed = try await log.append(event, to: "order-1")
    /// let open = try await views.fetch(OpenOrder.query, atLeast: placed.position)
    /// ```
    ///
    /// Waiting holds no connection and ends as soon as the view is there; see <doc:QueryingViews>.
    ///
    /// - Parameters:
    ///   - query: what to select.
    ///   - position: the position of the last event that the rows must reflect, such as that of an append's result. 0 does
    ///     not wait, and says what the rows reflect.
    ///   - timeout: how long to wait for the position; the query itself may take longer. Zero: not at all. Defaults to
    ///     5 seconds.
    /// - Throws: ``FreshReadError``; `CancellationError`; as ``fetch(_:)`` does.
    public func fetch<Row: ViewRow>(
        _ query: ViewQuery<Row>, atLeast position: Int64, timeout: Duration = .seconds(5)
    ) async throws -> Reading<[Row]> {
        try await read(Row.self, try query.select(from: name(of: Row.self)), position, timeout) { result in
            try result.map { try Row.table.row(from: $0) }
        }
    }

    /// The row with a key, no older than a position of the log; nil if there is none.
    ///
    /// The row of a parked key reflects the position before the event at which it was parked: a later one is an error at once.
    ///
    /// - Parameters:
    ///   - type: the row's type.
    ///   - key: the row's key.
    ///   - position: as of ``fetch(_:atLeast:timeout:)``.
    ///   - timeout: as of ``fetch(_:atLeast:timeout:)``.
    /// - Throws: as ``fetch(_:atLeast:timeout:)`` does.
    public func row<Row: ViewRow>(
        _ type: Row.Type = Row.self, _ key: Row.Key, atLeast position: Int64, timeout: Duration = .seconds(5)
    ) async throws -> Reading<Row?> {
        let name = Row.table.name
        var read = read([name], try Row.table.selection(of: [key], from: self.name(of: type)), position)
        read.key = ParkedKeyText.encode(Row.table.key.texts(key))
        return try await self.read(read, locking: [name], timeout) { result in
            try result.first.map { try Row.table.row(from: $0) }
        }
    }

    /// How many rows a query selects, ignoring limit and page, no older than a position of the log.
    ///
    /// - Parameters:
    ///   - query: what to count.
    ///   - position: as of ``fetch(_:atLeast:timeout:)``.
    ///   - timeout: as of ``fetch(_:atLeast:timeout:)``.
    /// - Throws: as ``fetch(_:atLeast:timeout:)`` does.
    public func count<Row: ViewRow>(
        _ query: ViewQuery<Row>, atLeast position: Int64, timeout: Duration = .seconds(5)
    ) async throws -> Reading<Int> {
        try await read(Row.self, try query.count(from: name(of: Row.self)), position, timeout) { result in
            try result.first?.decode(0) ?? 0
        }
    }

    /// The result of your own statement over views that are no older than a position of the log. It can only read.
    ///
    /// ```swift
    /// let reading = try await views.query(
    ///     "select count(*) from order_summary", of: ["order_summary"], atLeast: placed.position)
    /// ```
    ///
    /// All of them are read at one moment; the answer's position is that of the one that is furthest behind. Nothing is
    /// promised of views that the statement names and `projections` does not.
    ///
    /// - Parameters:
    ///   - statement: names views by their stable names.
    ///   - projections: the names of the projections that it reads, one or more. One that writes tables of its own counts as
    ///     well.
    ///   - position: as of ``fetch(_:atLeast:timeout:)``.
    ///   - timeout: as of ``fetch(_:atLeast:timeout:)``.
    /// - Throws: as ``fetch(_:atLeast:timeout:)`` and ``query(_:)`` do.
    public func query(
        _ statement: SQL, of projections: [String], atLeast position: Int64, timeout: Duration = .seconds(5)
    ) async throws -> Reading<PostgresResult> {
        precondition(!projections.isEmpty, "a position is that of at least one projection")
        var read = read(projections, statement, position)
        read.setsPath = true
        let views = try await self.views(among: read, timeout)
        return try await self.read(read, locking: views, timeout) { $0 }
    }

    /// Delivers the rows of a statement over one view as they arrive, in constant memory.
    ///
    /// - Parameters:
    ///   - statement: names the view with its schema.
    ///   - name: the projection's name.
    ///   - begin: called before the first row, with the position that the rows reflect, and which version they are of.
    ///   - body: called with each row.
    package func forEachRow(
        _ statement: SQL, of name: String, atLeast position: Int64, timeout: Duration,
        _ begin: @escaping @Sendable (ViewStanding) throws -> Void,
        _ body: @escaping @Sendable (PostgresRow) throws -> Void
    ) async throws {
        let read = read([name], statement, position)
        _ = try await reading(read, locking: [name], timeout) { session in
            let standings = try read.stream(locking: [name], in: &session, begin, body)
            return (standings, read.isReached(standings) ? true : nil)
        }
    }
}
