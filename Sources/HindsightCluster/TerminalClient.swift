import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// `psql`, PostgreSQL's client for a terminal.
package struct TerminalClient: Sendable {
    private let program: String

    /// The newest of those that are installed, looked for where the server's programs are; nil if there is none.
    package static func find() async throws -> TerminalClient? {
        var newest: (version: Int, program: String)?
        let account = ClusterAccount.current
        for folder in await ServerPrograms.candidates(account) {
            let program = "\(folder)/psql"
            guard SystemCalls.isExecutable(program) else { continue }
            let outcome = try await account.run(program, ["--version"])
            guard outcome.succeeded, let version = ServerPrograms.majorVersion(in: outcome.output) else { continue }
            if version > newest?.version ?? 0 { newest = (version, program) }
        }
        return newest.map { TerminalClient(program: $0.program) }
    }

    /// Runs it to its end, in the foreground: it reads what this process would read, and writes where this one does.
    ///
    /// - Parameter variables: more of its environment.
    /// - Returns: its exit code, or 128 and the number of the signal that ended it.
    package func run(_ arguments: [String], variables: [String: String]) async throws -> Int32 {
        var environment: [Environment.Key: String?] = [:]
        for (name, value) in variables { environment[Environment.Key(stringLiteral: name)] = value }
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(2))]
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: .inherit.updating(environment),
            platformOptions: options, input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
            output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
        return switch result.terminationStatus {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}
