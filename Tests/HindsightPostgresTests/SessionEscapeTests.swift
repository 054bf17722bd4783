import Subprocess
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

// Elsewhere the test program does not lie beside the modules that it was built from.
#if os(Linux)
    /// A unit of work cannot keep its session: the compiler sees to that. A `borrowing` session would crash it (6.3.1) where an `inout`
    /// one gets an error.
    @Suite("A session that escapes", .timeLimit(.minutes(2)))
    struct SessionEscapeTests {
        @Test func isRefusedByTheCompiler() async throws {
            let kept = try await compile("{ session.processID }", returning: "() -> Int32")
            #expect(kept.isRefused)
            #expect(kept.messages.contains("escaping closure captures 'inout' parameter 'session'"))
            let used = try await compile("session.processID", returning: "Int32")
            #expect(!used.isRefused, "the same without the closure: \(used.messages)")
        }

        /// Compiles a function of a session with the modules that this test was built with.
        private func compile(_ body: String, returning result: String) async throws -> (
            isRefused: Bool, messages: String
        ) {
            let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let flags = try await Subprocess.run(
                .name("pkg-config"), arguments: ["--cflags-only-I", "libpq"], output: .string(limit: 4_096))
            let headers = flags.standardOutput.split(whereSeparator: \.isWhitespace).flatMap {
                ["-Xcc", String($0)]
            }
            let moduleMaps = [
                package.appendingPathComponent("Sources/CLibPQ/module.modulemap"),
                products.appendingPathComponent("CKeepOpenSSL.build/module.modulemap"),
            ].flatMap { ["-Xcc", "-fmodule-map-file=\($0.path)"] }
            let outcome = try await Subprocess.run(
                .name("swiftc"),
                arguments: Arguments(
                    [
                        "-swift-version", "6", "-emit-sil", "-o", "/dev/null", "-I",
                        products.appendingPathComponent("Modules").path,
                    ] + moduleMaps + headers + ["-"]),
                input: .string(
                    "import HindsightPostgres\nfunc f(_ session: inout PostgresSession) -> \(result) { \(body) }\n"),
                output: .discarded, error: .string(limit: 1 << 20))
            return (outcome.terminationStatus != .exited(0), outcome.standardError)
        }
    }
#endif
