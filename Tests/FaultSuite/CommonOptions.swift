import ArgumentParser
import FaultSuiteCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

struct CommonOptions: ParsableArguments {
    @Option(help: "Chooses the faults and the load. Defaults to one by chance, which is printed.") var seed: UInt64?
    @Option(
        help: "The folder for the logs, which stay there. Defaults to a temporary one, which stays after a failure.")
    var logs: String?
    @Option(help: "About how many events a second are appended.") var rate = 250

    var chosenSeed: UInt64 { seed ?? UInt64.random(in: 1...999_999) }

    /// Prints at once, also into a file.
    @Sendable static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    /// Runs a suite that signals interrupt, and ends with its result as the status.
    static func end(_ body: @escaping @Sendable () async throws -> Bool) async throws {
        do {
            guard try await Interruptible.run(body) else { throw ExitCode.failure }
        } catch is CancellationError {
            say("interrupted")
            throw ExitCode(130)
        }
    }
}
