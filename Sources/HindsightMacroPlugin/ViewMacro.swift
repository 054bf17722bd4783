#if Macros
    package import SwiftSyntax
    import SwiftSyntaxBuilder
    package import SwiftSyntaxMacros

    /// `@View`: the table of a row as a member, and the conformance to `ViewRow`.
    package enum ViewMacro: MemberMacro, ExtensionMacro {
        package static func expansion(
            of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax,
            conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
        ) throws -> [DeclSyntax] {
            var reader = RowReader(node, in: context.lexicalContext)
            let row = reader.read(declaration)
            for diagnostic in reader.problems.diagnostics { context.diagnose(diagnostic) }
            return row.map { [$0.table] } ?? []
        }

        /// None for a declaration that is refused: one message is enough.
        package static func expansion(
            of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
            providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
            in context: some MacroExpansionContext
        ) throws -> [ExtensionDeclSyntax] {
            var reader = RowReader(node, in: context.lexicalContext)
            guard !protocols.isEmpty, reader.read(declaration) != nil else { return [] }
            return [try ExtensionDeclSyntax("nonisolated extension \(type.trimmed): HindsightProjections.ViewRow {}")]
        }
    }
#endif
