#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// This executable, which is also the nodes'.
package enum SuiteProgram {
    package static var path: String {
        get throws {
            #if os(Linux)
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            #else
                CommandLine.arguments[0]
            #endif
        }
    }
}
