#if Macros
    import SwiftParser
    import SwiftSyntax

    extension AttributeSyntax {
        /// The macro's or type's name, without its module and without generic arguments.
        var shortName: String {
            attributeName.as(IdentifierTypeSyntax.self)?.name.text
                ?? attributeName.as(MemberTypeSyntax.self)?.name.text ?? attributeName.trimmedDescription
        }

        /// The arguments in parentheses.
        var labelledArguments: [LabeledExprSyntax] {
            guard case .argumentList(let list) = arguments else { return [] }
            return Array(list)
        }

        /// The argument with a label; nil for the first one without.
        func argument(_ label: String?) -> ExprSyntax? {
            labelledArguments.first { $0.label?.text == label }?.expression
        }
    }

    extension AttributeListSyntax {
        /// The attributes outside of `#if`.
        var plain: [AttributeSyntax] {
            compactMap { $0.as(AttributeSyntax.self) }
        }

        /// The first attribute with a name.
        func first(named name: String) -> AttributeSyntax? {
            plain.first { $0.shortName == name }
        }
    }

    extension ExprSyntax {
        /// The text of a string literal; nil for anything else, such as a literal with an interpolation.
        var literalText: String? {
            self.as(StringLiteralExprSyntax.self)?.representedLiteralValue
        }

        /// The value of an integer literal.
        var literalNumber: Int? {
            guard let literal = self.as(IntegerLiteralExprSyntax.self) else { return nil }
            return Int(literal.literal.text.filter { $0 != "_" })
        }
    }

    extension TokenSyntax {
        /// An identifier without the backticks that it may need.
        var plainName: String {
            text.count > 2 && text.hasPrefix("`") && text.hasSuffix("`") ? String(text.dropFirst().dropLast()) : text
        }
    }

    extension DeclModifierListSyntax {
        /// The first modifier that is one of these keywords.
        func first(of keywords: Set<Keyword>) -> DeclModifierSyntax? {
            first { modifier in
                if case .keyword(let keyword) = modifier.name.tokenKind { keywords.contains(keyword) } else { false }
            }
        }

        /// The level of access; nil if none is said. `private(set)` is not one.
        var accessLevel: Keyword? {
            for modifier in self where modifier.detail == nil {
                if case .keyword(let keyword) = modifier.name.tokenKind, Self.accessLevels.contains(keyword) {
                    return keyword
                }
            }
            return nil
        }

        private static let accessLevels: Set<Keyword> = [
            .private, .fileprivate, .internal, .package, .public, .open,
        ]
    }
#endif
