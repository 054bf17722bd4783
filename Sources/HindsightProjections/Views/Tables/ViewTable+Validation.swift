extension ViewTable {
    /// Tries the row type: that every stored property has a column, that each column can be set and read back and
    /// changes nothing else, and that values come back from the database as they were. The engine does so at its start;
    /// a test can do it earlier.
    ///
    /// ```swift
    /// @Test func rows() throws { try OrderSummary.table.validate() }
    /// ```
    ///
    /// Columns are tried with a few usual values of their types, and a closure that makes rows with a usual key: closures
    /// must not trap for values that no event would bring. A type of your own that none of the usual texts stands for is
    /// tried less.
    ///
    /// - Throws: ``ProjectionError`` with code `invalidDefinition`, which names the column or property.
    public func validate() throws {
        try checkProperties()
        let keys = key.samples()
        for made in keys { try checkNewRow(made) }
        guard let sample = keys.first.map(make) ?? row else {
            throw invalid("no key can be made up to try \(Row.self) with: declare a new row, `of:`, in place of `new:`")
        }
        var covered = Set(columns.compactMap { $0.property?.names.joined(separator: ".") })
        for column in columns { try check(column, on: sample, &covered) }
        let isComplete = columns.allSatisfy { $0.property != nil || !$0.samples.isEmpty }
        guard isComplete, let lost = Self.property(of: sample, missingIn: covered, under: "") else { return }
        throw invalid(
            """
            property "\(lost)" of \(Row.self) has no column, so that its value would be lost when the row leaves the memory: \
            declare a column for it, or compute it
            """)
    }

    /// A new row must have the key that it is made for.
    private func checkNewRow(_ made: Key) throws {
        guard withUnsafePointer(to: make(made), { key.holds($0, made) }) else {
            throw invalid("a new row of \(Row.self) has another key than the one that it is made for")
        }
    }

    /// Two columns must not share memory.
    private func checkProperties() throws {
        for (index, column) in columns.enumerated() {
            guard let property = column.property else { continue }
            for other in columns[..<index] where other.property?.overlaps(property) ?? false {
                throw invalid(
                    """
                    columns "\(other.name)" and "\(column.name)" are the same property of \(Row.self), \
                    "\(property.names.joined(separator: "."))"
                    """)
            }
        }
    }

    /// Puts values into a column and looks at what has changed.
    private func check(_ column: AnyColumn<Row>, on sample: Row, _ covered: inout Set<String>) throws {
        for value in column.samples {
            var row = sample
            let before = columns.map { column in withUnsafePointer(to: row) { column.text($0) } }
            withUnsafeMutablePointer(to: &row) { value.put(column.place($0)) }
            guard withUnsafePointer(to: row, { value.isHeld(column.place($0)) }) else {
                throw invalid(
                    "column \"\(column.name)\" was set to \(value.text), and has another value when it is read")
            }
            for (other, text) in zip(columns, before) where other.name != column.name {
                guard withUnsafePointer(to: row, { other.text($0) }) == text else {
                    throw invalid("setting column \"\(column.name)\" changes column \"\(other.name)\"")
                }
            }
            guard try value.survives() else {
                throw invalid(
                    "\(value.text), a value of column \"\(column.name)\", is another one once it was sent to the database"
                )
            }
            if column.property == nil { covered.formUnion(Self.changes(from: sample, to: row)) }
        }
    }

    private func invalid(_ description: String) -> ProjectionError {
        ProjectionError(.invalidDefinition, "view \"\(name)\": \(description)")
    }

    /// The stored properties that differ, by their paths; of a struct that is no value of a column, its parts.
    private static func changes(from old: Any, to new: Any, under prefix: String = "") -> [String] {
        zip(Mirror(reflecting: old).children, Mirror(reflecting: new).children).flatMap { old, new -> [String] in
            guard let label = new.label, "\(reflecting: old.value)" != "\(reflecting: new.value)" else { return [] }
            let hasParts = !(new.value is any ViewValue) && Mirror(reflecting: new.value).displayStyle == .struct
            return hasParts ? changes(from: old.value, to: new.value, under: prefix + label + ".") : [prefix + label]
        }
    }

    /// A stored property without a column, by its path; nil if there is none.
    private static func property(of value: Any, missingIn covered: Set<String>, under prefix: String) -> String? {
        for (label, value) in Mirror(reflecting: value).children {
            guard let label else { continue }
            let path = prefix + label
            if covered.contains(path) { continue }
            let isPartlyCovered = covered.contains { $0.hasPrefix(path + ".") }
            guard isPartlyCovered else { return path }
            if let missing = property(of: value, missingIn: covered, under: path + ".") { return missing }
        }
        return nil
    }
}

extension DefaultStringInterpolation {
    fileprivate mutating func appendInterpolation(reflecting value: Any) {
        appendLiteral(String(reflecting: value))
    }
}
