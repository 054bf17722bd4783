#if Macros
    import SwiftSyntax
    import SwiftSyntaxBuilder

    /// A stored property of a row, and what its marks say about its column.
    struct RowProperty {
        let variable: VariableDeclSyntax
        let binding: PatternBindingSyntax
        /// Its name as it is written, with backticks where it needs them.
        let identifier: TokenSyntax
        /// Its type, if one is written.
        let type: TypeSyntax?

        var name: String { identifier.plainName }
        var isKey: Bool { variable.attributes.first(named: "Key") != nil }
        /// What the mark for its column says, if it has one.
        var mark: AttributeSyntax? { variable.attributes.first(named: "Column") }

        /// Whether it is written with a question mark, so that it begins with nil.
        var isOptional: Bool {
            type.map { $0.is(OptionalTypeSyntax.self) || $0.is(ImplicitlyUnwrappedOptionalTypeSyntax.self) } ?? false
        }

        /// Whether a row can be made without it.
        var hasValue: Bool { binding.initializer != nil || isOptional }

        var columnName: String { mark?.argument(nil)?.literalText ?? name.snakeCase }

        /// The column as an expression.
        var column: String {
            let quoted = StringLiteralExprSyntax(content: columnName)
            guard let precision = mark?.argument("precision"), let scale = mark?.argument("scale") else {
                return "HindsightProjections.Column(\(quoted), \(path))"
            }
            return """
                HindsightProjections.Column(\(path), named: \(quoted), precision: \(precision.trimmed), scale: \(scale.trimmed))
                """
        }

        /// Its key path.
        var path: String { "\\Self.\(identifier.text)" }

        /// A value to begin with that suits its type.
        var suggestedValue: String {
            guard let type else { return "<#value#>" }
            if type.is(ArrayTypeSyntax.self) { return "[]" }
            return switch type.trimmedDescription {
            case "String": "\"\""
            case "Bool": "false"
            case "Day": "Day(daysSince1970: 0)"
            case "Timestamp": "Timestamp(microsecondsSince1970: 0)"
            case "Double", "ExactDecimal", "Float", "Int", "Int16", "Int32", "Int64", "UInt8": "0"
            default: "<#value#>"
            }
        }

        /// Whether it is plain to see that it is of another type than `ExactDecimal`.
        var isCertainlyNoDecimal: Bool {
            if let type {
                let text = type.as(OptionalTypeSyntax.self)?.wrappedType.trimmedDescription ?? type.trimmedDescription
                return Self.others.contains(text) || type.is(ArrayTypeSyntax.self)
            }
            guard let value = binding.initializer?.value else { return false }
            return value.is(IntegerLiteralExprSyntax.self) || value.is(FloatLiteralExprSyntax.self)
                || value.is(StringLiteralExprSyntax.self) || value.is(BooleanLiteralExprSyntax.self)
        }

        private static let others: Set<String> = [
            "Bool", "Day", "Double", "Float", "Int", "Int16", "Int32", "Int64", "String", "Timestamp", "UInt8", "UUID",
        ]
    }
#endif
