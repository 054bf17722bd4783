#if canImport(System)
    package import System
#else
    package import SystemPackage
#endif

/// Programs that tests run as processes.
package enum BuiltPrograms {
    /// Where they are that were built along with the tests: beside their bundle.
    package static let folder: FilePath = {
        func isBundle(_ component: FilePath.Component) -> Bool { component.string.hasSuffix(".xctest") }
        let paths = CommandLine.arguments.map { FilePath($0) }
        var folder = paths.first { $0.components.contains(where: isBundle) } ?? paths[0]
        while folder.components.contains(where: isBundle) { folder.removeLastComponent() }
        return folder
    }()
}
