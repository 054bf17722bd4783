#if Macros
    import SwiftSyntax

    // What marks say: names and digits of columns, indexes.
    extension RowReader {
        mutating func checkMark(of property: RowProperty) {
            guard let mark = property.mark else {
                checkName(property.columnName, at: property.identifier)
                return
            }
            if let name = mark.argument(nil) {
                guard name.literalText != nil else {
                    problems.add(name, "name", "the name of a column is a string literal without interpolation")
                    return
                }
                checkName(property.columnName, at: name)
            }
            guard let precision = mark.argument("precision"), let scale = mark.argument("scale") else { return }
            if property.isCertainlyNoDecimal {
                problems.add(
                    mark, "digits",
                    "'\(property.name)' is not an 'ExactDecimal', and no other type has a precision and a scale")
            } else if let precision = precision.literalNumber, let scale = scale.literalNumber,
                !(1...38).contains(precision) || !(0...precision).contains(scale)
            {
                problems.add(
                    mark, "digits",
                    """
                    '\(property.name)' cannot be numeric(\(precision), \(scale)): the precision is 1 to 38, and the scale 0 \
                    to the precision
                    """)
            }
        }

        private mutating func checkName(_ name: String, at node: some SyntaxProtocol) {
            guard !(1...63).contains(name.utf8.count) else { return }
            problems.add(
                node, "name",
                """
                the column's name '\(name)' has \(name.utf8.count) bytes, and 1 to 63 are allowed: give it another one, \
                '@Column("name")'
                """)
        }

        /// The indexes that marks of properties ask for, then those of the struct.
        mutating func indexes(of row: StructDeclSyntax) -> [RowIndex] {
            var indexes: [RowIndex] = []
            for property in properties {
                for mark in property.variable.attributes.plain where ["Index", "Unique"].contains(mark.shortName) {
                    if let argument = mark.labelledArguments.first {
                        problems.add(
                            argument, "index",
                            """
                            an index on several columns stands before the struct, and names them all: \
                            '@\(mark.shortName)("\(property.name)", …)'
                            """)
                    }
                    indexes.append(RowIndex(properties: [property], isUnique: mark.shortName == "Unique"))
                }
            }
            for mark in row.attributes.plain where ["Index", "Unique"].contains(mark.shortName) {
                let named = mark.labelledArguments.compactMap { property(namedBy: $0.expression, of: row) }
                if mark.labelledArguments.isEmpty {
                    problems.add(
                        mark, "index",
                        """
                        before the struct, '@\(mark.shortName)' names the properties that it is for: \
                        '@\(mark.shortName)("first", "second")'
                        """)
                }
                indexes.append(RowIndex(properties: named, isUnique: mark.shortName == "Unique"))
            }
            return indexes
        }

        private mutating func property(namedBy argument: ExprSyntax, of row: StructDeclSyntax) -> RowProperty? {
            guard let name = argument.literalText else {
                problems.add(argument, "index", "the name of a property is a string literal without interpolation")
                return nil
            }
            if let property = properties.first(where: { $0.name == name }) { return property }
            let names = properties.map { "'\($0.name)'" }.joined(separator: ", ")
            problems.add(
                argument, "index", "'\(name)' is not a stored property of '\(row.name.text)', which has \(names)")
            return nil
        }
    }
#endif
