#if Macros
    import SwiftDiagnostics
    import SwiftSyntax

    // The row as a whole: its key, its columns together, and how a new one is made.
    extension RowReader {
        mutating func check(_ row: RowDeclaration, of type: StructDeclSyntax) {
            checkKeys(row.keys, of: type)
            var names: [String: RowProperty] = [:]
            for property in row.keys + row.columns {
                guard let other = names.updateValue(property, forKey: property.columnName) else { continue }
                problems.add(
                    property.identifier, "name",
                    """
                    '\(property.name)' and '\(other.name)' have columns of the same name, '\(property.columnName)': give one \
                    another, '@Column("name")'
                    """)
            }
            if !row.keys.isEmpty { checkInitializers(row.initializerLabels, of: type) }
        }

        private mutating func checkKeys(_ keys: [RowProperty], of type: StructDeclSyntax) {
            if let third = keys.dropFirst(2).first {
                problems.add(
                    third.variable, "key",
                    """
                    '\(third.name)' is a third key, and a view has one or two: mark those by which a row is found, or join \
                    several in a type of your own that is a 'ViewValue'
                    """)
            }
            guard keys.isEmpty else { return }
            let remedies = properties.first.map { [marking($0)] } ?? []
            problems.add(
                type.name, "key",
                "'\(type.name.text)' has no key: mark the stored property by which a row is found with '@Key'",
                remedies: remedies)
        }

        private func marking(_ property: RowProperty) -> FixIt {
            let variable = property.variable
            var marked = variable
            marked.leadingTrivia = []
            let key = AttributeSyntax(
                leadingTrivia: variable.leadingTrivia, attributeName: IdentifierTypeSyntax(name: .identifier("Key")),
                trailingTrivia: .space)
            marked.attributes.insert(.attribute(key), at: marked.attributes.startIndex)
            return .replacing(variable, with: marked, "mark '\(property.name)' with '@Key'")
        }

        /// A new row is made with the `init` that Swift gives a struct, unless the struct has another.
        private mutating func checkInitializers(_ labels: [String], of type: StructDeclSyntax) {
            guard let first = initializers.first, !initializers.contains(where: { $0.canBeCalled(with: labels) })
            else { return }
            let call = "init(\(labels.map { "\($0):" }.joined()))"
            problems.add(
                first, "init",
                """
                new rows are made with '\(call)', which '\(type.name.text)' no longer has since it declares an initializer of \
                its own: move that into an extension, or declare '\(call)' too
                """)
        }
    }

    extension InitializerDeclSyntax {
        /// Whether a call with no more than these labels makes a value, without failing.
        fileprivate func canBeCalled(with labels: [String]) -> Bool {
            guard optionalMark == nil, signature.effectSpecifiers == nil else { return false }
            var labels = labels[...]
            for parameter in signature.parameterClause.parameters {
                if parameter.firstName.plainName == labels.first {
                    labels.removeFirst()
                } else if parameter.defaultValue == nil {
                    return false
                }
            }
            return labels.isEmpty
        }
    }
#endif
