/// What is wrong with a query: it names something that is not a column of the view, or a text is not a value of a column.
public struct ViewQueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and which columns there are.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ViewTable {
    /// The column with a name.
    func column(named name: String) throws -> AnyColumn<Row> {
        guard let column = columns.first(where: { $0.name == name }) else { throw noColumn("\"\(name)\"") }
        return column
    }

    fileprivate func noColumn(_ what: String) -> ViewQueryError {
        let known = columns.map(\.name).joined(separator: ", ")
        return ViewQueryError("view \"\(name)\" has no column \(what); it has \(known)")
    }
}

extension ViewRow {
    /// The column of a stored property, or why there is none.
    static func column<Value: ViewValue>(at path: KeyPath<Self, Value>) -> Result<AnyColumn<Self>, ViewQueryError> {
        table.column(at: path).map { .success($0) } ?? .failure(table.noColumn("for \(path)"))
    }
}
