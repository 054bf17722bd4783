extension [ProjectionDefinition] {
    /// Refuses what cannot work, before a transaction is begun: a row type is tried with the app's own closures, and whoever
    /// waited for them would wait with the catalog's lock.
    ///
    /// - Throws: ``ProjectionError`` with code `invalidDefinition`.
    func check() throws {
        for (index, definition) in enumerated() {
            // Two versions of one name are fine: the older one is kept up to date for a rollback.
            guard !self[..<index].contains(where: { $0.name == definition.name && $0.version == definition.version })
            else {
                throw ProjectionError(
                    .invalidDefinition,
                    "two projections are called \"\(definition.name)\" and have version \(definition.version)")
            }
            try definition.check()
        }
    }
}

extension ProjectionDefinition {
    fileprivate func check() throws {
        let bytes = 1...ViewLocation.maximumNameBytes
        guard bytes.contains(name.utf8.count), !name.utf8.contains(0) else {
            throw invalid("a projection's name has 1 to \(bytes.upperBound) bytes, \"\(name)\" has not")
        }
        guard (1...999_999).contains(version) else {
            throw invalid("the version of projection \"\(name)\" is \(version), not 1 … 999,999")
        }
        switch kind {
        case .view(let view):
            try check(view.shape)
            try view.validate()
        case .sql(let tables): try check(tables)
        }
    }

    /// Events can only be told apart by keys of one type that all of them have.
    private func check(_ tables: OwnTables) throws {
        guard (1...64).contains(tables.keysInFlight) else {
            throw invalid("projection \"\(name)\" has 1 to 64 keys in flight, not \(tables.keysInFlight)")
        }
        guard tables.keysInFlight > 1 else { return }
        if let (event, _) = tables.keyTypes.first(where: { $0.key == nil }) {
            throw invalid(
                """
                projection "\(name)" may have \(tables.keysInFlight) keys in flight, and what it does on \(event) says no key: give it \
                one, on(\(event).self, key: …), or leave keysInFlight out
                """)
        }
        if let (first, key) = tables.keyTypes.first,
            let (other, type) = tables.keyTypes.first(where: { $0.key != key })
        {
            throw invalid(
                """
                projection "\(name)" has keys of two types, \(key ?? "") on \(first) and \(type ?? "") on \(other), which are never equal: \
                let all of them be of one type
                """)
        }
    }

    private func check(_ shape: ViewShape) throws {
        for column in shape.columns where !(1...63).contains(column.name.utf8.count) || column.name.utf8.contains(0) {
            throw invalid("a column's name has 1 to 63 bytes, \"\(column.name)\" of \"\(name)\" has not")
        }
        let columnNames = shape.columns.map(\.name)
        for column in columnNames where columnNames.count(where: { $0 == column }) > 1 {
            throw invalid("projection \"\(name)\" has two columns \"\(column)\"")
        }
        if let column = shape.columns.prefix(shape.keyCount).first(where: \.isNullable) {
            throw invalid("key column \"\(column.name)\" of projection \"\(name)\" cannot be optional")
        }
    }

    private func invalid(_ description: String) -> ProjectionError {
        ProjectionError(.invalidDefinition, description)
    }
}
