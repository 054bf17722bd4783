#if Macros
    import SwiftSyntax
    import SwiftSyntaxBuilder

    /// A row that a struct declares, as far as the macro needs it.
    struct RowDeclaration {
        /// The view's stable name.
        var name: String
        /// `public `, `package ` or nothing.
        var access: String
        var keys: [RowProperty]
        var columns: [RowProperty]
        var indexes: [RowIndex]

        /// The table, as a member of the struct.
        ///
        /// It is not isolated, since a module may isolate what it declares to the main actor, and engines run elsewhere.
        var table: DeclSyntax {
            var arguments = ["\(StringLiteralExprSyntax(content: name))"]
            if !isMadeByKey { arguments.append("of: Self()") }
            arguments.append("key: \(keyColumns)")
            arguments += columns.map(\.column)
            if isMadeByKey { arguments.append("new: { Self(\(keyArguments)) }") }
            let calls = indexes.map { "\n.\($0.call)" }.joined()
            return """
                /// The view's table: its name, key, columns and indexes.
                \(raw: access)nonisolated static let table = HindsightProjections.ViewTable(
                    \(raw: arguments.joined(separator: ",\n    "))
                )\(raw: calls)
                """
        }

        /// A key that has no value to begin with is an argument of the row's `init`.
        private var isMadeByKey: Bool { !keys.allSatisfy(\.hasValue) }

        private var keyColumns: String {
            keys.count == 1 ? keys[0].column : "(\(keys.map(\.column).joined(separator: ", ")))"
        }

        private var keyArguments: String {
            guard keys.count > 1 else { return "\(keys[0].identifier.text): $0" }
            return zip(keys, ["$0.first", "$0.second"]).map { "\($0.identifier.text): \($1)" }.joined(separator: ", ")
        }

        /// The labels of the `init` that makes a new row.
        var initializerLabels: [String] { isMadeByKey ? keys.map(\.name) : [] }
    }

    /// An index that a mark asks for.
    struct RowIndex {
        var properties: [RowProperty]
        var isUnique: Bool

        /// The call that adds it to the table.
        var call: String {
            let paths = properties.map(\.path).joined(separator: ", ")
            return "index(\(paths)\(isUnique ? ", unique: true" : ""))"
        }
    }
#endif
