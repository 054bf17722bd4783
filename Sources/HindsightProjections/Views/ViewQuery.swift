import HindsightPostgres

/// A typed query over a view's rows.
///
/// ```swift
/// let best = OrderSummary.query
///     .where(OrderSummary.country == "France" && OrderSummary.total > 100)
///     .order(by: .descending(OrderSummary.total))
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
            statement.append(" order by \(sql: completeOrder.map(\.sql).joined(separator: ", "))")
        }
        if let maximum { statement.append(" limit \(Int64(maximum))") }
        return statement
    }

    /// The statement that counts the rows, ignoring limit and page.
    func count(from name: PostgresIdentifier) -> SQL {
        var statement: SQL = "select count(*) from \(identifier: name)"
        if let condition { statement.append(" where \(sql: condition.sql)") }
        return statement
    }

    private func appendConditions(to statement: inout SQL) throws {
        var conditions = condition.map { [$0.sql] } ?? []
        if let last { conditions.append(try following(last)) }
        if !conditions.isEmpty {
            statement.append(" where \(sql: conditions.joined(separator: " and "))")
        }
    }

    /// The requested order, followed by the key.
    private var completeOrder: [ViewOrder<Row>] {
        let named = Set(orders.map(\.column.name))
        let key = Row.table.columns.prefix(Row.table.keyCount)
        return orders + key.filter { !named.contains($0.name) }.map { ViewOrder(column: $0, isDescending: false) }
    }

    /// The rows after one: larger in the first column, or equal there and larger in the second, and so on. Nulls come
    /// last in ascending order and first in descending, as in PostgreSQL.
    private func following(_ row: Row) throws -> SQL {
        var alternatives: [SQL] = []
        var equal: [SQL] = []
        for order in completeOrder {
            let name: SQL = "\(identifier: PostgresIdentifier(order.column.name))"
            let value: SQL = "(\(sql: try order.column.encode([row])))[1]"
            let isNull = order.column.text(row) == nil
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

/// A column that rows are ordered by, and in which direction.
public struct ViewOrder<Row: ViewRow>: Sendable {
    let column: AnyColumn<Row>
    let isDescending: Bool

    package init(column: AnyColumn<Row>, isDescending: Bool) {
        self.column = column
        self.isDescending = isDescending
    }

    /// Smallest first, nulls last.
    public static func ascending<Value>(_ column: Column<Row, Value>) -> ViewOrder {
        ViewOrder(column: column.erased, isDescending: false)
    }

    /// Largest first, nulls first.
    public static func descending<Value>(_ column: Column<Row, Value>) -> ViewOrder {
        ViewOrder(column: column.erased, isDescending: true)
    }

    var sql: SQL {
        "\(identifier: PostgresIdentifier(column.name)) \(unsafeSQL: isDescending ? "desc" : "asc")"
    }
}
