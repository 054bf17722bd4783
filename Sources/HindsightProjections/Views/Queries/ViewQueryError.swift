/// What is wrong with a query: it names something that is not a column of the view.
public struct ViewQueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and which columns there are.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ViewRow {
    /// The column of a stored property, or why there is none.
    static func column<Value: ViewValue>(at path: KeyPath<Self, Value>) -> Result<AnyColumn<Self>, ViewQueryError> {
        guard let column = table.column(at: path) else {
            let known = table.columns.map(\.name).joined(separator: ", ")
            return .failure(
                ViewQueryError("view \"\(table.name)\" has no column for \(path); it has the columns \(known)"))
        }
        return .success(column)
    }
}
