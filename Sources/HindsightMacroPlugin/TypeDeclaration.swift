#if Macros
    import SwiftSyntax

    /// The type to which a macro is attached, whatever its kind.
    struct TypeDeclaration {
        /// `struct`, `class`, `enum` and so on.
        let keyword: TokenSyntax
        let name: TokenSyntax
        let modifiers: DeclModifierListSyntax

        init?(_ declaration: some SyntaxProtocol) {
            let syntax = Syntax(declaration)
            if let type = syntax.as(StructDeclSyntax.self) {
                (keyword, name, modifiers) = (type.structKeyword, type.name, type.modifiers)
            } else if let type = syntax.as(ClassDeclSyntax.self) {
                (keyword, name, modifiers) = (type.classKeyword, type.name, type.modifiers)
            } else if let type = syntax.as(EnumDeclSyntax.self) {
                (keyword, name, modifiers) = (type.enumKeyword, type.name, type.modifiers)
            } else if let type = syntax.as(ActorDeclSyntax.self) {
                (keyword, name, modifiers) = (type.actorKeyword, type.name, type.modifiers)
            } else if let type = syntax.as(ProtocolDeclSyntax.self) {
                (keyword, name, modifiers) = (type.protocolKeyword, type.name, type.modifiers)
            } else {
                return nil
            }
        }

        /// The kind with its article, "a class".
        var kind: String {
            (["enum", "actor"].contains(keyword.text) ? "an " : "a ") + keyword.text
        }

        /// The modifier that keeps the type from the extension that a macro adds, which stands outside of all types.
        ///
        /// - Parameter context: what the type stands in, the innermost first.
        func hidingModifier(in context: [Syntax]) -> DeclModifierSyntax? {
            let isNested = context.first.map { TypeDeclaration($0) != nil || $0.is(ExtensionDeclSyntax.self) } ?? false
            return isNested ? modifiers.first(of: [.private]) : nil
        }

        /// The modifier that members need to be as accessible as the type, with a space behind; empty if they need none.
        ///
        /// - Parameter context: what the type stands in, the innermost first. In a `public extension` it is public.
        func memberAccess(in context: [Syntax]) -> String {
            let level = modifiers.accessLevel ?? context.first?.as(ExtensionDeclSyntax.self)?.modifiers.accessLevel
            return switch level {
            case .public, .open: "public "
            case .package: "package "
            default: ""
            }
        }
    }
#endif
