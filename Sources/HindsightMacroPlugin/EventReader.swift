#if Macros
    import SwiftSyntax
    import SwiftSyntaxBuilder

    /// Reads an event from the type that declares it, and finds what stands in the way.
    struct EventReader {
        /// The attribute `@Event`.
        private let attribute: AttributeSyntax
        /// What the type stands in, the innermost first.
        private let context: [Syntax]
        private(set) var problems = Problems()

        init(_ attribute: AttributeSyntax, in context: [Syntax]) {
            self.attribute = attribute
            self.context = context
        }

        /// The type's name and version, as far as the attribute says them; none if there are problems.
        mutating func members(of declaration: some DeclGroupSyntax) -> [DeclSyntax] {
            guard let type = TypeDeclaration(declaration), checkKind(of: type) else { return [] }
            problems.checkVisibility(of: type, in: context)
            let access = type.memberAccess(in: context)
            var members: [DeclSyntax] = []
            if let argument = attribute.argument(nil) {
                check("eventType", of: declaration)
                checkName(argument)
                members.append("\(raw: access)nonisolated static var eventType: Swift.String { \(argument.trimmed) }")
            }
            if let argument = attribute.argument("version") {
                check("schemaVersion", of: declaration)
                if let version = argument.versionLiteral, version < 1 {
                    problems.add(argument, "version", "the versions of '\(type.name.text)' count from 1")
                }
                members.append("\(raw: access)nonisolated static var schemaVersion: Swift.Int { \(argument.trimmed) }")
            }
            return problems.diagnostics.isEmpty ? members : []
        }

        private mutating func checkKind(of type: TypeDeclaration) -> Bool {
            guard !["struct", "enum"].contains(type.keyword.text) else { return true }
            problems.add(
                type.keyword, "kind",
                "'\(type.name.text)' is \(type.kind), and an event is a plain value: make it a struct")
            return false
        }

        private mutating func checkName(_ argument: ExprSyntax) {
            guard let name = argument.literalText else {
                problems.add(argument, "name", "the name of an event type is a string literal without interpolation")
                return
            }
            if name.isEmpty { problems.add(argument, "name", "the name of an event type is not empty") }
        }

        /// A type does not say the same twice.
        private mutating func check(_ member: String, of declaration: some DeclGroupSyntax) {
            for case let variable? in declaration.memberBlock.members.map({ $0.decl.as(VariableDeclSyntax.self) })
            where variable.isStatic {
                for binding in variable.bindings where binding.pattern.trimmedDescription == member {
                    problems.add(
                        binding.pattern, "member",
                        "@Event declares '\(member)' with what it is given: remove one of the two")
                }
            }
        }
    }

    extension ExprSyntax {
        /// The value of an integer literal, with or without a sign.
        fileprivate var versionLiteral: Int? {
            if let signed = self.as(PrefixOperatorExprSyntax.self), signed.operator.text == "-" {
                return signed.expression.literalNumber.map { -$0 }
            }
            return literalNumber
        }
    }
#endif
