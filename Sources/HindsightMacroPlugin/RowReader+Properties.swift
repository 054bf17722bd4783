#if Macros
    import SwiftDiagnostics
    import SwiftSyntax
    import SwiftSyntaxBuilder

    // Each property: whether it is stored, whether it can be a column, and what its marks say.
    extension RowReader {
        /// The attributes of properties that this macro reads.
        static let marks: Set<String> = ["Column", "Index", "Key", "Unique"]

        mutating func read(_ variable: VariableDeclSyntax) {
            let marks = variable.attributes.plain.filter { Self.marks.contains($0.shortName) }
            if variable.isStatic {
                checkStatic(variable)
                checkUnstored(variable, marks)
                return
            }
            let bindings = Array(variable.bindings)
            for (index, binding) in bindings.enumerated() {
                if binding.storage == .computed {
                    checkUnstored(variable, marks)
                } else if let identifier = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier {
                    // In `var a, b: Int` both are of the type that is written last.
                    let type = bindings[index...].first { $0.typeAnnotation != nil || $0.initializer != nil }?
                        .typeAnnotation?.type
                    let property = RowProperty(
                        variable: variable, binding: binding, identifier: identifier, type: type)
                    properties.append(property)
                    check(property)
                } else {
                    problems.add(
                        binding.pattern, "pattern",
                        """
                        '\(binding.pattern.trimmedDescription)' declares several properties at once: declare each with a 'var' \
                        of its own, so that each is a column
                        """)
                }
            }
        }

        private mutating func checkStatic(_ variable: VariableDeclSyntax) {
            for binding in variable.bindings where binding.pattern.trimmedDescription == "table" {
                problems.add(
                    binding.pattern, "table",
                    "@View declares 'table': remove this one, or remove '@View' and declare the row without it")
            }
        }

        private mutating func checkUnstored(_ variable: VariableDeclSyntax, _ marks: [AttributeSyntax]) {
            let name = variable.bindings.first?.pattern.trimmedDescription ?? ""
            for mark in marks {
                problems.add(
                    mark, "unstored",
                    """
                    '\(name)' is \(variable.isStatic ? "static" : "computed") and has no column: remove \
                    '@\(mark.shortName)', or make it a stored property
                    """)
            }
        }

        private mutating func check(_ property: RowProperty) {
            checkStorage(of: property)
            checkAttributes(of: property)
            checkMark(of: property)
            if property.type?.is(TupleTypeSyntax.self) ?? false {
                problems.add(
                    property.binding, "tuple",
                    """
                    '\(property.name)' is a tuple, which no column holds: declare a property for each part, or a 'ViewJSON' \
                    struct
                    """)
            }
            if property.isKey {
                checkKey(property)
            } else if !property.hasValue {
                reportMissingValue(of: property)
            }
        }

        private mutating func checkStorage(of property: RowProperty) {
            let specifier = property.variable.bindingSpecifier
            if specifier.tokenKind == .keyword(.let) {
                var remedy = specifier
                remedy.tokenKind = .keyword(.var)
                problems.add(
                    specifier, "let",
                    "'\(property.name)' is a constant, and a row is filled with what its table holds: make it a 'var'",
                    remedies: [.replacing(specifier, with: remedy, "make it a 'var'")])
            }
            if let lazy = property.variable.modifiers.first(of: [.lazy]) {
                problems.add(
                    lazy, "lazy",
                    "'\(property.name)' is lazy, and a column has a value at all times: remove 'lazy', or compute it")
            }
            if property.binding.storage == .observed {
                problems.add(
                    property.binding, "observers",
                    """
                    '\(property.name)' has observers, which would not run when a row is filled with what its table holds: \
                    remove them, and do in the fold what they do
                    """)
            }
        }

        /// What is not Swift's own may be a property wrapper: its value is stored elsewhere.
        private mutating func checkAttributes(of property: RowProperty) {
            for attribute in property.variable.attributes.plain {
                let name = attribute.shortName
                guard name.first?.isUppercase ?? false, !Self.marks.contains(name) else { continue }
                problems.add(
                    attribute, "attribute",
                    """
                    '\(property.name)' has '@\(name)', and a column is a plain stored property: remove the attribute; a type of \
                    your own that is a 'ViewValue' can do what a property wrapper does
                    """)
            }
        }

        private mutating func checkKey(_ property: RowProperty) {
            guard property.isOptional else { return }
            problems.add(
                property.type.map { Syntax($0) } ?? Syntax(property.binding), "optional key",
                "'\(property.name)' is optional, and a key is never null: remove the '?', or choose another key")
        }

        private mutating func reportMissingValue(of property: RowProperty) {
            let value = property.suggestedValue
            let example = value.hasPrefix("<#") ? "" : ", such as '= \(value)'"
            var message = "'\(property.name)' needs the value that a new row begins with\(example)"
            if let type = property.type { message += "; or make it optional, '\(type.trimmedDescription)?'" }
            let isAlone = property.variable.bindings.count == 1
            problems.add(property.binding, "value", message, remedies: isAlone ? remedies(for: property) : [])
        }

        private func remedies(for property: RowProperty) -> [FixIt] {
            let binding = property.binding
            var valued = binding
            valued.trailingTrivia = []
            valued.initializer = InitializerClauseSyntax(
                equal: .equalToken(leadingTrivia: .space, trailingTrivia: .space),
                value: "\(raw: property.suggestedValue)" as ExprSyntax, trailingTrivia: binding.trailingTrivia)
            var remedies = [FixIt.replacing(binding, with: valued, "begin with '\(property.suggestedValue)'")]
            if let type = binding.typeAnnotation?.type {
                let optional = OptionalTypeSyntax(wrappedType: type.trimmed, trailingTrivia: type.trailingTrivia)
                remedies.append(.replacing(type, with: optional, "make it optional"))
            }
            return remedies
        }
    }
#endif
