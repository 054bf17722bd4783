#if Macros
    import HindsightMacroPlugin
    import SwiftSyntax
    import SwiftSyntaxBuilder
    import SwiftSyntaxMacroExpansion
    import SwiftSyntaxMacrosGenericTestSupport
    import Testing

    /// Expands the macros in Swift code, and compares.
    enum Expansion {
        private static let macros: [String: MacroSpec] = [
            "View": MacroSpec(type: ViewMacro.self, conformances: ["ViewRow"]),
            "Event": MacroSpec(type: EventMacro.self, conformances: ["Event"]),
            "Key": MacroSpec(type: MarkerMacro.self), "Column": MacroSpec(type: MarkerMacro.self),
            "Index": MacroSpec(type: MarkerMacro.self), "Unique": MacroSpec(type: MarkerMacro.self),
        ]

        /// Expects that code becomes other code.
        static func expect(
            _ source: String, _ expanded: String, diagnostics: [DiagnosticSpec] = [], fixIts: [String]? = nil,
            fixed: String? = nil, at location: Testing.SourceLocation = #_sourceLocation
        ) {
            assertMacroExpansion(
                source, expandedSource: expanded, diagnostics: diagnostics, macroSpecs: macros, applyFixIts: fixIts,
                fixedSource: fixed,
                failureHandler: { Issue.record("\($0.message)", sourceLocation: location) })
        }

        /// Expects that a type is refused, and becomes itself without the macros.
        ///
        /// - Parameter fixed: what the fix-its of these messages make of it.
        static func expectRefusal(
            _ source: String, _ problems: DiagnosticSpec..., fixIts: [String]? = nil, fixed: String? = nil,
            at location: Testing.SourceLocation = #_sourceLocation
        ) {
            expect(
                source, stripped(source), diagnostics: problems, fixIts: fixIts, fixed: fixed, at: location)
        }

        /// The code without the macros' attributes.
        private static func stripped(_ source: String) -> String {
            let lines = source.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
                let rest = line.replacing(
                    #/@(View|Event|Key|Column|Index|Unique)(\(([^()]|\([^()]*\))*\))? */#, with: "")
                let isGone = rest != line && rest.allSatisfy(\.isWhitespace)
                return isGone ? nil : String(rest)
            }
            return lines.joined(separator: "\n")
        }
    }
#endif
