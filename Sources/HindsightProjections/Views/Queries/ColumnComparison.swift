import HindsightPostgres

/// Comparisons of a column with values, in SQL.
struct ColumnComparison<Value: ViewValue> {
    private let column: SQL

    init(name: String) {
        column = "\(identifier: PostgresIdentifier(name))"
    }

    func isEqual(to value: Value) -> SQL {
        value.columnText == nil ? "\(sql: column) is null" : "\(sql: column) = \(value.columnForm)"
    }

    func isDistinct(from value: Value) -> SQL {
        "\(sql: column) is distinct from \(value.columnForm)"
    }

    /// - Parameter sign: one of SQL's comparison operators.
    func compares(_ sign: SQL, _ value: Value) -> SQL {
        "\(sql: column) \(sql: sign) \(value.columnForm)"
    }

    func isBetween(_ range: ClosedRange<Value>) -> SQL where Value: Comparable {
        "\(sql: column) between \(range.lowerBound.columnForm) and \(range.upperBound.columnForm)"
    }

    func isOne(of values: [Value]) -> SQL {
        let isAny: SQL = "\(sql: column) = any(\(values.map(\.columnForm)))"
        let hasNull = values.contains { $0.columnText == nil }
        return hasNull ? "(\(sql: isAny) or \(sql: column) is null)" : isAny
    }
}
