import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

extension ClusterAccount {
    /// The result of a program.
    package struct Outcome: Sendable {
        /// The exit code; nil if a signal ended the program.
        package let exitCode: Int32?
        /// What the program wrote to standard output and standard error.
        package let output: String

        package var succeeded: Bool { exitCode == 0 }
    }

    /// Runs a program to its end as this user, in a session of its own, so that Ctrl-C in the app's terminal reaches
    /// neither it nor a server that it starts.
    ///
    /// - Parameter variables: what the program finds in its environment beside the variables that it needs.
    package func run(
        _ program: String, _ arguments: [String], in folder: String = "/", with variables: [String: String] = [:]
    ) async throws -> Outcome {
        // By `env` at the end, because a program that switches users may take variables away.
        let settings = variables.isEmpty ? [] : ["/usr/bin/env"] + variables.sorted { $0 < $1 }.map { "\($0)=\($1)" }
        let command = switching + settings + [program] + arguments
        var options = PlatformOptions()
        options.createSession = true
        let result = try await Subprocess.run(
            .path(FilePath(command[0])),
            arguments: Arguments(Array(command.dropFirst())),
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

    /// Whether this process can switch to that user.
    var canSwitch: Bool { !isOther || !switching.isEmpty }

    /// The beginning of a command that runs the rest of it as this user; empty if this system has no program for that.
    ///
    /// `PlatformOptions.userID` is not used: it calls setuid(2) between fork and exec, where glibc waits for threads
    /// that the new process does not have. Of about a hundred programs, one hung forever.
    private var switching: [String] {
        guard isOther else { return [] }
        for setpriv in ["/usr/bin/setpriv", "/bin/setpriv"] where SystemCalls.isExecutable(setpriv) {
            return [setpriv, "--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", "--"]
        }
        let sudo = "/usr/bin/sudo"
        guard SystemCalls.isExecutable(sudo) else { return [] }
        return [sudo, "-n", "-u", "#\(userID)", "-g", "#\(groupID)", "--", "/usr/bin/env", "LC_ALL=C"]
    }

    /// Whether this user can enter the folder.
    func canEnter(_ folder: String) async throws -> Bool {
        guard isOther else { return SystemCalls.isExecutable(folder) }
        return try await run("/bin/sh", ["-c", #"cd -- "$1""#, "sh", folder]).succeeded
    }

    /// The variables needed to find and load the programs, and no `PG…` variable that would lead them to another
    /// server.
    private static var environment: Environment {
        var variables: [Environment.Key: String] = ["LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"]
        for key: Environment.Key in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            if let value = SystemCalls.environmentVariable(key.rawValue) { variables[key] = value }
        }
        return .custom(variables)
    }
}
