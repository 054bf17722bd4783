#if Macros
    import SwiftCompilerPlugin
    import SwiftSyntaxMacros

    @main
    struct Plugin: CompilerPlugin {
        let providingMacros: [any Macro.Type] = [ViewMacro.self, MarkerMacro.self, EventMacro.self]
    }
#else
    // Without the trait nobody uses the plugin, but a build of all targets links it.
    @main
    enum Plugin {
        static func main() {}
    }
#endif
