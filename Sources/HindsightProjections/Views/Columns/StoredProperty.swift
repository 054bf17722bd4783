/// A stored property of a row, found once by its key path, so that no loop needs the key path.
@usableFromInline
package struct StoredProperty: Hashable, Sendable {
    /// The names on the way to it, from the row: one, or more for a property of a property.
    package let names: [String]
    /// How many bytes from the row's beginning it stands.
    @usableFromInline let offset: Int
    /// How many bytes it takes.
    let size: Int
    private let type: ObjectIdentifier

    /// - Precondition: the path leads to a stored property.
    @usableFromInline
    init<Row, Value>(_ path: KeyPath<Row, Value>) {
        guard let property = StoredProperty(storedAt: path) else {
            preconditionFailure(
                """
                \(path) is not a stored property of \(Row.self): a column for a value that is computed takes closures, \
                Column("name", get: { … }, set: { … })
                """)
        }
        self = property
    }

    /// Nil for a path that does not lead to a stored property.
    init?<Row, Value>(storedAt path: KeyPath<Row, Value>) {
        guard let offset = MemoryLayout<Row>.offset(of: path) else { return nil }
        self.offset = offset
        size = MemoryLayout<Value>.size
        type = ObjectIdentifier(Value.self)
        names = Self.names(of: path)
    }

    /// Whether both are the same property, whatever they are called.
    func isSame(as other: StoredProperty) -> Bool {
        offset == other.offset && type == other.type
    }

    /// Whether both have memory in common.
    func overlaps(_ other: StoredProperty) -> Bool {
        offset < other.offset + other.size && other.offset < offset + size
    }

    /// The name of its column, in snake case.
    ///
    /// - Precondition: the program was built with its types' metadata, as it is unless a flag says otherwise.
    @usableFromInline var columnName: String {
        precondition(
            !names.isEmpty,
            "a property's name cannot be read from its key path in this program: give its column a name, Column(\"name\", …)"
        )
        return names.map(\.snakeCased).joined(separator: "_")
    }

    /// A key path describes itself as `\Row.name.name` (SE-0369), with `<…>` where a name is not known.
    private static func names<Row>(of path: PartialKeyPath<Row>) -> [String] {
        let (text, root) = (path.debugDescription, "\\\(Row.self).")
        guard text.hasPrefix(root) else { return [] }
        let names = text.dropFirst(root.count)
        return names.contains("<") ? [] : names.split(separator: ".").map(String.init)
    }
}

extension String {
    /// `orderID` as `order_id`, `firstAt` as `first_at`, `URLPath` as `url_path`.
    package var snakeCased: String {
        let characters = Array(self)
        var text = ""
        for (index, character) in characters.enumerated() {
            let isFollowed = index + 1 < characters.count && characters[index + 1].isLowercase
            if index > 0, character.isUppercase, !characters[index - 1].isUppercase || isFollowed,
                characters[index - 1] != "_"
            {
                text += "_"
            }
            text += character.lowercased()
        }
        return text
    }
}
