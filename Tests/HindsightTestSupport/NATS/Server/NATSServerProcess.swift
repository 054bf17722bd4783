import Subprocess
import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One run of a server's program.
final class NATSServerProcess: Sendable {
    let identifier: pid_t
    private let run: Task<String, Never>
    private let isOver = Mutex(false)
    private let isSuspended = Mutex(false)

    private init(_ identifier: pid_t, _ run: Task<String, Never>) {
        self.identifier = identifier
        self.run = run
    }

    /// Starts the program; what it says goes to the end of a file.
    static func start(_ program: String, _ arguments: [String], log: String) async throws -> NATSServerProcess {
        let output = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.append, .create, .closeOnExec], permissions: [.ownerReadWrite])
        var options = PlatformOptions()
        // A signal that a terminal sends to the tests is not for the server, which some test may wait for.
        options.createSession = true
        let (started, report) = AsyncStream.makeStream(of: pid_t.self)
        // Nobody waits for it in a scope: the server outlives the call that starts it. The watchdog ends it in the end.
        let run = Task.detached { [options] () -> String in
            defer { report.finish() }
            do {
                let result = try await Subprocess.run(
                    .path(FilePath(program)), arguments: Arguments(arguments), workingDirectory: "/",
                    platformOptions: options, input: .none, output: .discarded,
                    error: .fileDescriptor(output, closeAfterSpawningProcess: true)
                ) { report.yield($0.processIdentifier.value) }
                return "it ended: \(result.terminationStatus)"
            } catch {
                return "it could not be started: \(error)"
            }
        }
        for await identifier in started {
            let process = NATSServerProcess(identifier, run)
            Task.detached {
                _ = await run.value
                process.isOver.withLock { $0 = true }
            }
            return process
        }
        throw NATSTestServerError("\(program): \(await run.value)")
    }

    var hasEnded: Bool { isOver.withLock { $0 } }

    /// Sends a signal, unless the process has ended.
    func signal(_ number: Int32) {
        isOver.withLock { isOver in
            if !isOver { _ = kill(identifier, number) }
        }
    }

    /// Stops it where it is, and waits until all its threads stand, which they do a moment after the signal.
    func suspend() async throws {
        let isFirst = isSuspended.withLock { isSuspended in
            defer { isSuspended = true }
            return !isSuspended
        }
        guard isFirst else { return }
        signal(SIGSTOP)
        while !hasEnded, !hasStopped { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Lets it go on.
    func resume() {
        isSuspended.withLock { isSuspended in
            signal(SIGCONT)
            isSuspended = false
        }
    }

    /// Whether the system reports that it has been stopped, which it does once.
    private var hasStopped: Bool {
        var report = siginfo_t()
        return waitid(P_PID, id_t(identifier), &report, WSTOPPED | WNOHANG) == 0 && report.si_signo == SIGCHLD
    }

    /// Waits for its end; returns how it ended.
    @discardableResult func waitForEnd() async -> String { await run.value }
}
