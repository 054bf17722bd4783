#if Macros
    import SwiftDiagnostics
    import SwiftSyntax

    /// What is wrong with a declaration, and what to do.
    struct Problem: DiagnosticMessage {
        let name: String
        let message: String
        var diagnosticID: MessageID { MessageID(domain: "Hindsight", id: name) }
        var severity: DiagnosticSeverity { .error }
    }

    /// A change that an editor can make.
    struct Remedy: FixItMessage {
        let message: String
        var fixItID: MessageID { MessageID(domain: "Hindsight", id: message) }
    }

    /// The problems of a declaration, in the order in which they were found.
    struct Problems {
        private(set) var diagnostics: [Diagnostic] = []

        /// Adds a problem.
        ///
        /// - Parameters:
        ///   - node: what the message points at.
        ///   - name: an identifier of the kind of problem.
        ///   - remedies: changes that an editor can make, each on its own.
        mutating func add(
            _ node: some SyntaxProtocol, _ name: String, _ message: String, remedies: [FixIt] = []
        ) {
            diagnostics.append(
                Diagnostic(node: node, message: Problem(name: name, message: message), fixIts: remedies))
        }
    }

    extension Problems {
        /// Refuses a type that the conformance cannot see.
        mutating func checkVisibility(of type: TypeDeclaration, in context: [Syntax]) {
            guard let modifier = type.hidingModifier(in: context) else { return }
            let remedy = modifier.with(\.name.tokenKind, .keyword(.fileprivate))
            add(
                modifier, "private",
                """
                '\(type.name.text)' is private in another type, where the conformance that a macro adds cannot see it: make it \
                'fileprivate'
                """,
                remedies: [.replacing(modifier, with: remedy, "make it 'fileprivate'")])
        }
    }

    extension FixIt {
        /// Replaces a node.
        static func replacing(_ old: some SyntaxProtocol, with new: some SyntaxProtocol, _ message: String) -> FixIt {
            FixIt(
                message: Remedy(message: message),
                changes: [.replace(oldNode: Syntax(old), newNode: Syntax(new))])
        }
    }
#endif
