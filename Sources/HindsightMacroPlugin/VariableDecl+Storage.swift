#if Macros
    import SwiftSyntax

    /// Where the value of a property is.
    enum Storage {
        case stored
        /// Stored, and observed when it is set.
        case observed
        case computed
    }

    extension PatternBindingSyntax {
        var storage: Storage {
            switch accessorBlock?.accessors {
            case nil: .stored
            case .getter: .computed
            case .accessors(let list):
                list.allSatisfy { ["didSet", "willSet"].contains($0.accessorSpecifier.text) } ? .observed : .computed
            }
        }
    }

    extension VariableDeclSyntax {
        var isStatic: Bool { modifiers.first(of: [.static, .class]) != nil }
    }
#endif
