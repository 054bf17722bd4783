/// The qualified names of the objects in a schema.
package struct SchemaNames: Hashable, Sendable {
    /// The schema's name.
    package let schema: String

    package init(schema: String) {
        self.schema = schema
    }

    /// A function, table or sequence of the schema.
    package func object(_ name: String) -> PostgresIdentifier {
        PostgresIdentifier(schema: PostgresIdentifier(schema), name)
    }
}
