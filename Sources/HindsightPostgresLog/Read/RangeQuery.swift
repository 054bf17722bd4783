import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The statements that read a range of the log: the wanted events at positions above `low` and up to `high`, in order.
struct RangeQuery {
    /// Whether values are parameters, for statements that are prepared once, or literals, for COPY, which takes none.
    enum Form {
        case bound
        case literal
    }

    /// How to find the wanted events.
    enum Way {
        /// Walk the primary key and keep the wanted events.
        case scan
        /// Look up the wanted events, and skip all others unseen.
        case seek
    }

    let names: SchemaNames
    let filter: EventFilter
    var form: Form
    let low: Int64
    let high: Int64
    /// The id of the event at `low`: a literal query finds nothing if there is another event or none.
    var anchor: UUID?

    func with(form: Form) -> RangeQuery {
        var query = self
        query.form = form
        return query
    }

    func select(_ way: Way, limit: Int, columns: SQL) -> SQL {
        switch way {
        case .scan: scan(limit: limit, columns: columns)
        case .seek: seek(limit: limit, columns: columns)
        }
    }

    /// Walks the primary key and keeps the wanted events.
    func scan(limit: Int, backward: Bool = false, columns: SQL = EventColumns.list) -> SQL {
        """
        select \(sql: columns) from \(identifier: names.events) e
        where \(sql: range) \(sql: condition) order by e.position \(sql: order(backward)) \(sql: end(limit))
        """
    }

    /// Looks up the wanted events in the index on types or categories, and skips all others unseen.
    ///
    /// - Parameter inner: the columns from which `columns` are computed.
    func seek(
        limit: Int, backward: Bool = false, columns: SQL = EventColumns.list, inner: SQL = "e.*"
    ) -> SQL {
        switch filter {
        case .all:
            return scan(limit: limit, backward: backward, columns: columns)
        case .category(let category):
            return seek("\(identifier: names.category)(e.stream)", text(category), columns, limit, backward)
        case .types(let types) where types.count == 1:
            return seek("e.type", text(types[0]), columns, limit, backward)
        case .types(let types):
            // Each type gets its own look-up.
            return """
                select \(sql: columns) from (select distinct unnest(\(sql: texts(types)))) as wanted (type)
                cross join lateral (\(sql: seek("e.type", "wanted.type", inner, limit, backward))) e
                order by e.position \(sql: order(backward)) \(sql: end(limit))
                """
        }
    }

    /// The range of an index on (`key`, position) with one value of the key. It is expressed as comparisons and an
    /// order of both columns, because only that index serves them: given an equality on the key, the planner walks the
    /// primary key in the hope of finding enough events of a type that it does not know to be rare.
    private func seek(_ key: SQL, _ value: SQL, _ columns: SQL, _ limit: Int, _ backward: Bool) -> SQL {
        """
        select \(sql: columns) from \(identifier: names.events) e
        where (\(sql: key), e.position) > (\(sql: value), \(sql: number(low)))
            and (\(sql: key), e.position) <= (\(sql: value), \(sql: number(high))) \(sql: gate)
        order by \(sql: key) \(sql: order(backward)), e.position \(sql: order(backward)) \(sql: end(limit))
        """
    }

    /// A limit that cannot be reached is left out: the server would count each row.
    private func end(_ limit: Int) -> SQL {
        limit == .max ? "" : "limit \(sql: number(Int64(limit)))"
    }

    private func order(_ backward: Bool) -> SQL {
        backward ? "desc" : "asc"
    }

    private var range: SQL {
        "e.position > \(sql: number(low)) and e.position <= \(sql: number(high)) \(sql: gate)"
    }

    /// Checked once, before the first event: COPY is a statement of its own, and checking the anchor must not cost
    /// another.
    private var gate: SQL {
        switch (form, anchor) {
        case (.bound, _), (.literal, nil): ""
        case (.literal, let anchor?):
            """
            and (select a.id from \(identifier: names.events) a where a.position = \(sql: number(low))) \
            = \(literal: anchor.uuidString)::uuid
            """
        }
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
