#if Macros
    import SwiftSyntax

    /// Reads a row from the struct that declares it, and finds what stands in the way.
    struct RowReader {
        /// The attribute `@View`.
        let attribute: AttributeSyntax
        /// What the type stands in, the innermost first.
        let context: [Syntax]
        var problems = Problems()
        var properties: [RowProperty] = []
        var initializers: [InitializerDeclSyntax] = []

        init(_ attribute: AttributeSyntax, in context: [Syntax]) {
            self.attribute = attribute
            self.context = context
        }

        /// The row; nil if there are problems.
        mutating func read(_ declaration: some DeclGroupSyntax) -> RowDeclaration? {
            guard let type = TypeDeclaration(declaration), checkKind(of: type),
                let row = declaration.as(StructDeclSyntax.self)
            else { return nil }
            problems.checkVisibility(of: type, in: context)
            checkGenerics(of: row)
            for member in row.memberBlock.members { read(member.decl) }
            let result = RowDeclaration(
                name: viewName(of: row), access: type.memberAccess(in: context), keys: properties.filter(\.isKey),
                columns: properties.filter { !$0.isKey }, indexes: indexes(of: row))
            check(result, of: row)
            return problems.diagnostics.isEmpty ? result : nil
        }

        private mutating func checkKind(of type: TypeDeclaration) -> Bool {
            guard type.keyword.text != "struct" else { return true }
            problems.add(
                type.keyword, "kind",
                "'\(type.name.text)' is \(type.kind), and a row of a view is a plain value: make it a struct")
            return false
        }

        private mutating func checkGenerics(of row: StructDeclSyntax) {
            if let parameters = row.genericParameterClause {
                problems.add(
                    parameters, "generic",
                    """
                    '\(row.name.text)' is generic, and a view is one table: write a struct for each view, with the types that \
                    its columns have
                    """)
            }
            for outer in context {
                guard let generic = outer.asProtocol((any WithGenericParametersSyntax).self),
                    generic.genericParameterClause != nil, let type = TypeDeclaration(outer)
                else { continue }
                problems.add(
                    row.name, "generic",
                    """
                    '\(row.name.text)' stands in the generic type '\(type.name.text)', where a table cannot be stored: move it out
                    """)
            }
        }

        private mutating func read(_ member: DeclSyntax) {
            if let variable = member.as(VariableDeclSyntax.self) {
                read(variable)
            } else if let initializer = member.as(InitializerDeclSyntax.self) {
                initializers.append(initializer)
            } else if let condition = member.as(IfConfigDeclSyntax.self) {
                checkCondition(condition)
            }
        }

        /// What is compiled in some builds only would give one view different tables.
        private mutating func checkCondition(_ condition: IfConfigDeclSyntax) {
            for clause in condition.clauses {
                guard case .decls(let members) = clause.elements else { continue }
                for member in members {
                    if let inner = member.decl.as(IfConfigDeclSyntax.self) { checkCondition(inner) }
                    if let initializer = member.decl.as(InitializerDeclSyntax.self) { initializers.append(initializer) }
                    guard let variable = member.decl.as(VariableDeclSyntax.self), !variable.isStatic,
                        let binding = variable.bindings.first, binding.storage != .computed
                    else { continue }
                    problems.add(
                        variable, "condition",
                        """
                        '\(binding.pattern.trimmedDescription)' is stored in some builds only, and the columns of a view are \
                        the same in all: move it out of the '#if', or declare a struct for each build
                        """)
                }
            }
        }

        private mutating func viewName(of row: StructDeclSyntax) -> String {
            let name: String
            let node: Syntax
            if let argument = attribute.argument(nil) {
                guard let text = argument.literalText else {
                    problems.add(argument, "name", "the name of a view is a string literal without interpolation")
                    return ""
                }
                (name, node) = (text, Syntax(argument))
            } else {
                (name, node) = (row.name.plainName.snakeCase, Syntax(row.name))
            }
            if !(1...48).contains(name.utf8.count) {
                problems.add(
                    node, "name",
                    """
                    the view's name '\(name)' has \(name.utf8.count) bytes, and 1 to 48 are allowed: give it another one, \
                    '@View("name")'
                    """)
            }
            return name
        }
    }
#endif
