/// A projection with statements of its own that this process rebuilds: a schema with its tables beside those that are read,
/// filled by its handlers.
final class SQLRebuildMember: RebuildMember, @unchecked Sendable {
    let schema: ShadowSchema

    override var shadowSchema: ShadowSchema? { schema }

    init(_ start: Start, schema: ShadowSchema) {
        self.schema = schema
        super.init(start)
    }
}
