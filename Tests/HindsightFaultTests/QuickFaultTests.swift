import Subprocess
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite("Three nodes under load and faults", .serialized, .timeLimit(.minutes(6)))
struct QuickFaultTests {
    @Test("They survive one of each kind of fault that is quick, and every view equals a recount")
    func survives() async throws {
        let result = try await Subprocess.run(
            .path(program), arguments: ["faults", "--quick", "--minutes", "1"],
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let output = result.standardOutput + result.standardError
        #expect(result.terminationStatus.isSuccess, "\(output)")
        #expect(output.contains(" in all"), "\(output)")
    }

    /// Built along with the tests: beside their bundle.
    private var program: FilePath {
        func isBundle(_ component: FilePath.Component) -> Bool { component.string.hasSuffix(".xctest") }
        let paths = CommandLine.arguments.map { FilePath($0) }
        var folder = paths.first { $0.components.contains(where: isBundle) } ?? paths[0]
        while folder.components.contains(where: isBundle) { folder.removeLastComponent() }
        return folder.appending("fault-suite")
    }
}
