#if Macros
    package import SwiftSyntax
    import SwiftSyntaxBuilder
    package import SwiftSyntaxMacros

    /// `@Event`: the conformance to `Event`, with the type's name and version where they are said.
    package enum EventMacro: MemberMacro, ExtensionMacro {
        package static func expansion(
            of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax,
            conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
        ) throws -> [DeclSyntax] {
            var reader = EventReader(node, in: context.lexicalContext)
            let members = reader.members(of: declaration)
            for diagnostic in reader.problems.diagnostics { context.diagnose(diagnostic) }
            return members
        }

        /// None for a declaration that is refused: one message is enough.
        package static func expansion(
            of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
            providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
            in context: some MacroExpansionContext
        ) throws -> [ExtensionDeclSyntax] {
            var reader = EventReader(node, in: context.lexicalContext)
            _ = reader.members(of: declaration)
            guard !protocols.isEmpty, reader.problems.diagnostics.isEmpty else { return [] }
            return [try ExtensionDeclSyntax("nonisolated extension \(type.trimmed): HindsightLog.Event {}")]
        }
    }
#endif
