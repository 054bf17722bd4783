import HindsightTestSupport
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
            .path(BuiltPrograms.folder.appending("fault-suite")), arguments: ["faults", "--quick", "--minutes", "1"],
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let output = result.standardOutput + result.standardError
        #expect(result.terminationStatus.isSuccess, "\(output)")
        #expect(output.contains(" in all"), "\(output)")
    }
}
