#if Macros
    package import SwiftSyntax
    package import SwiftSyntaxMacros

    /// `@Key`, `@Column`, `@Index` and `@Unique`: marks that `@View` reads. They make nothing themselves.
    package enum MarkerMacro: PeerMacro {
        package static func expansion(
            of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
            in context: some MacroExpansionContext
        ) throws -> [DeclSyntax] {
            let owner = declaration.is(VariableDeclSyntax.self) ? context.lexicalContext.first : Syntax(declaration)
            let attributes = owner?.asProtocol((any WithAttributesSyntax).self)?.attributes
            if attributes?.first(named: "View") == nil {
                var problems = Problems()
                problems.add(
                    node, "mark",
                    "'@\(node.shortName)' marks a row's properties: put '@View' before their struct, or remove this")
                for diagnostic in problems.diagnostics { context.diagnose(diagnostic) }
            }
            return []
        }
    }
#endif
