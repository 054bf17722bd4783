import HindsightPostgres

extension ProjectionAdministration {
    /// What is shown of a view; nil if nothing is, or if this role may not find out.
    package func shown(_ definition: ProjectionDefinition) async throws -> ShownView? {
        guard case .view(let view) = definition.kind else { return nil }
        let projections = SchemaNames(schema: configuration.schema).projections
        let name = PostgresIdentifier(schema: PostgresIdentifier(configuration.viewSchema), definition.name)
        do {
            return try await pool.withSession { session in
                let row = try session.query(
                    """
                    select version, exists (
                        select from \(identifier: projections) d
                        where d.kind = 'projection' and d.name = p.name and d.version = \(Int32(definition.version))
                            and d.shown_at is not null and d.retired_at is null)
                    from \(identifier: projections) p where name = \(definition.name) and active
                    """
                ).first
                let found = try session.query(
                    """
                    select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_attribute a
                    where a.attrelid = to_regclass(\(name.quoted)) and a.attnum > 0 and not a.attisdropped
                    """
                ).map { (name: try $0.decode(0, as: String.self), type: try $0.decode(1, as: String.self)) }
                guard let row, !found.isEmpty else { return nil }
                let missing = view.shape.columns.compactMap { column -> String? in
                    guard let other = found.first(where: { $0.name == column.name }) else {
                        return "\"\(column.name)\""
                    }
                    return other.type == column.type.name ? nil : "\"\(column.name)\" of type \(column.type.name)"
                }
                return ShownView(
                    version: try row.decode(0, as: Int.self), missing: missing, isRolledBack: try row.decode(1))
            }
        } catch let error where error.sqlState == "42501" {
            return nil
        }
    }
}
