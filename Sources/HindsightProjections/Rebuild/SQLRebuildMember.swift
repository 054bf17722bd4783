/// A projection with its own statements that this process rebuilds: its handlers fill tables in a schema beside the
/// live ones.
final class SQLRebuildMember: RebuildMember, @unchecked Sendable {
    let schema: ShadowSchema

    override var shadowSchema: ShadowSchema? { schema }

    init(_ start: Start, schema: ShadowSchema) {
        self.schema = schema
        super.init(start)
    }
}
