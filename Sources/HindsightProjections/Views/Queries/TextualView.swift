package import HindsightPostgres

/// A view's rows as text, for callers that know the projection's name but not its row type, such as the command line.
package struct TextualView: Sendable {
    /// A condition `COLUMN=VALUE`.
    package struct Equality: Hashable, Sendable {
        package var column: String
        package var value: String

        package init(column: String, value: String) {
            self.column = column
            self.value = value
        }
    }

    /// The view's shape.
    package let shape: ViewShape
    /// The statement for some rows, in declared column order.
    package let select:
        @Sendable (PostgresIdentifier, [Equality], [(column: String, isDescending: Bool)], Int?) throws -> SQL
    /// A row of that statement's result as text; nil for null.
    package let text: @Sendable (PostgresRow) throws -> [String?]

    init<Row: ViewRow>(_ table: ViewTable<Row, Row.Key>) {
        shape = ViewShape(table)
        select = { name, equalities, orders, limit in
            var query = ViewQuery<Row>()
            for equality in equalities {
                let column = try table.column(named: equality.column)
                guard let value = column.bind(equality.value) else {
                    throw ViewQueryError(
                        "\"\(equality.value)\" is not a value of column \"\(column.name)\", which is \(column.type.name)"
                    )
                }
                query = query.where(
                    ViewCondition(sql: "\(identifier: PostgresIdentifier(column.name)) = \(sql: value)"))
            }
            query = query.order(
                by: try orders.map {
                    ViewOrder(column: try table.column(named: $0.column), isDescending: $0.isDescending)
                })
            if let limit { query = query.limit(limit) }
            return try query.select(from: name)
        }
        text = { source in
            let row = try table.row(from: source)
            return withUnsafePointer(to: row) { row in table.columns.map { $0.text(row) } }
        }
    }
}
