import HindsightPostgres

/// The statements that read a stretch of the log: the wanted events at positions above `low` and up to `high`, in order.
struct StretchQuery {
    /// Whether values are parameters, for statements that are prepared once, or literals, for COPY, which takes none.
    enum Form {
        case bound
        case literal
    }

    let names: LogNames
    let filter: EventFilter
    let form: Form
    let low: Int64
    let high: Int64

    /// Walks the primary key and keeps what is wanted.
    func scan(limit: Int) -> SQL {
        """
        select \(sql: EventColumns.list) from \(identifier: names.events) e
        where \(sql: range) \(sql: condition) order by e.position limit \(sql: number(Int64(limit)))
        """
    }

    /// Looks up what is wanted in the index on types or categories. Each type gets a look-up of its own: asked for several,
    /// the planner would rather walk the log in order until it has found enough events of rare types.
    func seek(limit: Int) -> SQL {
        guard case .types(let types) = filter else { return scan(limit: limit) }
        return """
            select \(sql: EventColumns.list) from unnest(\(sql: texts(types))) as wanted (type) cross join lateral (
                select * from \(identifier: names.events) e where e.type = wanted.type and \(sql: range)
                order by e.position limit \(sql: number(Int64(limit)))) e
            order by e.position limit \(sql: number(Int64(limit)))
            """
    }

    private var range: SQL {
        "e.position > \(sql: number(low)) and e.position <= \(sql: number(high))"
    }

    private var condition: SQL {
        switch filter {
        case .all: ""
        case .types(let types): "and e.type = any(\(sql: texts(types)))"
        case .category(let category): "and \(identifier: names.category)(e.stream) = \(sql: text(category))"
        }
    }

    private func number(_ value: Int64) -> SQL {
        switch form {
        case .bound: "\(value)"
        case .literal: SQL(unsafeSQL: String(value))
        }
    }

    private func text(_ value: String) -> SQL {
        switch form {
        case .bound: "\(value)"
        case .literal: "\(literal: value)"
        }
    }

    private func texts(_ values: [String]) -> SQL {
        switch form {
        case .bound:
            return "\(values)"
        case .literal:
            var list: SQL = ""
            for (index, value) in values.enumerated() {
                list = index == 0 ? "\(literal: value)" : "\(sql: list), \(literal: value)"
            }
            return "array[\(sql: list)]::text[]"
        }
    }
}
