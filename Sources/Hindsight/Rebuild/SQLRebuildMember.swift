/// A projection with statements of its own that this process rebuilds: a schema with its tables beside those that are read,
/// filled by its handlers.
final class SQLRebuildMember: RebuildMember, @unchecked Sendable {
    let schema: FillSchema

    override var fillSchema: FillSchema? { schema }

    init(_ start: Start, schema: FillSchema) {
        self.schema = schema
        super.init(start)
    }
}
