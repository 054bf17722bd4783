import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

extension ClusterAccount {
    /// What a program left behind.
    package struct Outcome: Sendable {
        /// The exit code; nil when a signal ended the program.
        package let exitCode: Int32?
        /// What the program wrote to standard output and standard error.
        package let output: String

        package var succeeded: Bool { exitCode == 0 }
    }

    /// Runs a program to its end as this user, in a session of its own, so that Ctrl-C in the app's terminal reaches
    /// neither it nor a server that it starts.
    package func run(_ program: String, _ arguments: [String], in folder: String = "/") async throws -> Outcome {
        var options = PlatformOptions()
        options.createSession = true
        if isOther {
            options.userID = userID
            options.groupID = groupID
            options.supplementaryGroups = [groupID]
        }
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(arguments),
            environment: Self.environment,
            workingDirectory: FilePath(folder),
            platformOptions: options,
            output: .string(limit: 1 << 20),
            error: .combinedWithOutput
        )
        let exitCode: Int32? =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled: nil
            }
        return Outcome(exitCode: exitCode, output: result.standardOutput)
    }

    /// Whether this user can get into the folder.
    func canEnter(_ folder: String) async throws -> Bool {
        guard isOther else { return SystemCalls.isExecutable(folder) }
        return try await run("/bin/sh", ["-c", #"cd -- "$1""#, "sh", folder]).succeeded
    }

    /// What is needed to find and load the programs, and no `PG…` variable that would lead them to another server.
    private static var environment: Environment {
        var variables: [Environment.Key: String] = ["LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"]
        for key: Environment.Key in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            if let value = SystemCalls.environmentVariable(key.rawValue) { variables[key] = value }
        }
        return .custom(variables)
    }
}
