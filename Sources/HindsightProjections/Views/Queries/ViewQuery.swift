import HindsightPostgres

/// A typed query over a view's rows.
///
/// ```swift
/// let best = OrderSummary.query
///     .where(\.country == "France" && \.total > 100)
///     .order(by: \.total, .descending)
///     .limit(10)
/// let rows = try await views.fetch(best)
/// let next = try await views.fetch(best.after(rows.last))
/// ```
public struct ViewQuery<Row: ViewRow>: Sendable {
    private(set) var condition: ViewCondition<Row>?
    private(set) var orders: [ViewOrder<Row>] = []
    private(set) var maximum: Int?
    private(set) var last: Row?

    /// All rows, in no particular order.
    public init() {}

    /// Only rows for which the condition holds, in addition to those of earlier calls.
    public func `where`(_ condition: ViewCondition<Row>) -> ViewQuery {
        var query = self
        query.condition = self.condition.map { $0 && condition } ?? condition
        return query
    }

    /// Rows in the order of a column; rows that are equal in it are ordered by key, so that paging is exact.
    public func order<Value: ViewValue>(
        by path: KeyPath<Row, Value>, _ direction: ViewOrder<Row>.Direction = .ascending
    ) -> ViewQuery {
        order(by: [ViewOrder(path, direction)])
    }

    /// Rows in this order; rows that are equal in it are ordered by key, so that paging is exact.
    public func order(by orders: ViewOrder<Row>...) -> ViewQuery {
        order(by: orders)
    }

    package func order(by orders: [ViewOrder<Row>]) -> ViewQuery {
        var query = self
        query.orders = orders
        return query
    }

    /// At most this many rows.
    public func limit(_ count: Int) -> ViewQuery {
        var query = self
        query.maximum = max(0, count)
        return query
    }

    /// The next page: rows that come after this one in the query's order. Nil changes nothing, so that an empty page is
    /// followed by itself.
    public func after(_ row: Row?) -> ViewQuery {
        var query = self
        query.last = row ?? last
        return query
    }

    /// The statement, over the table or view of that name.
    func select(from name: PostgresIdentifier) throws -> SQL {
        let columns = Row.table.columns.map { "\(identifier: PostgresIdentifier($0.name))" as SQL }.joined(
            separator: ", ")
        var statement: SQL = "select \(sql: columns) from \(identifier: name)"
        try appendConditions(to: &statement)
        if maximum != nil || last != nil || !orders.isEmpty {
            statement.append(" order by \(sql: try completeOrder().map(\.sql).joined(separator: ", "))")
        }
        if let maximum { statement.append(" limit \(Int64(maximum))") }
        return statement
    }

    /// The statement that counts the rows, ignoring limit and page.
    func count(from name: PostgresIdentifier) throws -> SQL {
        var statement: SQL = "select count(*) from \(identifier: name)"
        if let condition { statement.append(" where \(sql: try condition.sql.get())") }
        return statement
    }

    private func appendConditions(to statement: inout SQL) throws {
        var conditions = try condition.map { [try $0.sql.get()] } ?? []
        if let last { conditions.append(try following(last)) }
        if !conditions.isEmpty {
            statement.append(" where \(sql: conditions.joined(separator: " and "))")
        }
    }

    /// A column that rows are ordered by.
    private struct OrderedColumn {
        var column: AnyColumn<Row>
        var isDescending: Bool

        var sql: SQL {
            "\(identifier: PostgresIdentifier(column.name)) \(unsafeSQL: isDescending ? "desc" : "asc")"
        }
    }

    /// The requested order, followed by the key.
    private func completeOrder() throws -> [OrderedColumn] {
        let requested = try orders.map { OrderedColumn(column: try $0.column.get(), isDescending: $0.isDescending) }
        let key = Row.table.columns.prefix(Row.table.keyCount).filter { key in
            !requested.contains { $0.column.name == key.name }
        }
        return requested + key.map { OrderedColumn(column: $0, isDescending: false) }
    }

    /// The rows after one: larger in the first column, or equal there and larger in the second, and so on. Nulls come
    /// last in ascending order and first in descending, as in PostgreSQL.
    private func following(_ row: Row) throws -> SQL {
        var alternatives: [SQL] = []
        var equal: [SQL] = []
        for order in try completeOrder() {
            let name: SQL = "\(identifier: PostgresIdentifier(order.column.name))"
            let value: SQL = "(\(sql: try order.column.encode([row])))[1]"
            let isNull = withUnsafePointer(to: row) { order.column.text($0) } == nil
            let later: SQL? =
                switch (order.isDescending, isNull) {
                case (false, false):
                    order.column.isNullable
                        ? "(\(sql: name) > \(sql: value) or \(sql: name) is null)" : "\(sql: name) > \(sql: value)"
                case (false, true): nil
                case (true, false): "\(sql: name) < \(sql: value)"
                case (true, true): "\(sql: name) is not null"
                }
            if let later { alternatives.append("(\(sql: (equal + [later]).joined(separator: " and ")))") }
            equal.append(isNull ? "\(sql: name) is null" : "\(sql: name) = \(sql: value)")
        }
        return alternatives.isEmpty ? "false" : "(\(sql: alternatives.joined(separator: " or ")))"
    }
}

extension ViewRow {
    /// A query for all rows, to be narrowed down.
    public static var query: ViewQuery<Self> { ViewQuery() }
}
