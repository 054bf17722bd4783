public import HindsightLog
import HindsightPostgres

extension PostgresEventLog {
    /// How many categories are tried at most; a log with more has names that are not made of category and id.
    private static let maximumCategories = 1_000

    /// The streams whose id is this one, found by the index of streams: one look-up for each category that the log has. Nil
    /// if it has more than 1,000.
    public func streams(withID id: String) async throws -> [StreamName]? {
        try await pool.withSession { [names] session in
            let categories = try session.pipeline([.preferIndexes, Self.categories(names)])[1].map {
                try $0.decode(0, as: String.self)
            }
            guard categories.count <= Self.maximumCategories else { return nil }
            // A name without "-" is all category, and has an empty id.
            let candidates = categories.map { "\($0)-\(id)" } + (id.isEmpty ? categories : [])
            return try session.pipeline([
                .preferKeyLookUps,
                """
                select s from unnest(\(candidates)) s
                where exists (select from \(identifier: names.events) e where e.stream = s)
                """,
            ])[1].map { StreamName(try $0.decode(0, as: String.self)) }
        }
    }

    /// The categories, one more than is tried: from one to the next by the index, without reading its other entries.
    private static func categories(_ names: SchemaNames) -> SQL {
        let next: SQL = """
            select \(identifier: names.category)(e.stream) from \(identifier: names.events) e
            """
        let order: SQL = "order by \(identifier: names.category)(e.stream) limit 1"
        return """
            with recursive found (name) as (
                (\(sql: next) \(sql: order))
                union all
                select (\(sql: next) where \(identifier: names.category)(e.stream) > f.name \(sql: order))
                from found f where f.name is not null)
            select name from found where name is not null limit \(Int64(maximumCategories + 1))
            """
    }
}
