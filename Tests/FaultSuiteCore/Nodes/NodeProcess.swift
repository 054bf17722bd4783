import Subprocess

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

/// A node as the suite sees it: a process that it started, and signals by its id.
///
/// The process is in a group of its own. When the suite ends in whatever way, the node reads the end of its standard input; one that
/// is suspended at that time is in an orphaned group then, which the kernel hangs up on and continues.
final class NodeProcess: Sendable {
    let arguments: NodeArguments
    let id: Int32
    private let keptOpen: FileDescriptor
    private let end: Task<TerminationStatus, any Error>

    var name: String { arguments.name }
    var build: Build { arguments.build }

    private init(
        arguments: NodeArguments, id: Int32, keptOpen: FileDescriptor, end: Task<TerminationStatus, any Error>
    ) {
        self.arguments = arguments
        self.id = id
        self.keptOpen = keptOpen
        self.end = end
    }

    deinit {
        // One that cannot be closed is closed at the end of the suite.
        try? keptOpen.close()
    }

    /// Starts a node.
    ///
    /// - Parameters:
    ///   - program: this executable.
    ///   - log: the file that it logs to.
    static func start(_ arguments: NodeArguments, program: String, log: String) async throws -> NodeProcess {
        let (read, write) = try FileDescriptor.pipe(options: .closeOnExec)
        let file = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite)
        let (started, report) = AsyncStream.makeStream(of: Int32.self)
        let end = Task.detached { () async throws -> TerminationStatus in
            defer { report.finish() }
            var options = PlatformOptions()
            options.processGroupID = 0
            return try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments.list), platformOptions: options,
                input: .fileDescriptor(read, closeAfterSpawningProcess: true), output: .discarded,
                error: .fileDescriptor(file, closeAfterSpawningProcess: true)
            ) { execution in
                report.yield(execution.processIdentifier.value)
            }.terminationStatus
        }
        for await id in started {
            return NodeProcess(arguments: arguments, id: id, keptOpen: write, end: end)
        }
        try write.close()
        _ = try await end.value
        throw FaultFailure("node \(arguments.name) did not start")
    }

    func signal(_ signal: Int32) { kill(id, signal) }

    /// False once it has ended, and somebody has waited for it.
    var isAlive: Bool { kill(id, 0) == 0 }

    /// Waits for its end.
    func ended() async throws -> TerminationStatus { try await end.value }

    /// Waits for its end after SIGTERM: with status 0, in time.
    func drained(within limit: Duration) async throws {
        let status = try await withThrowingTaskGroup(of: TerminationStatus?.self) { tasks in
            tasks.addTask { try await self.ended() }
            tasks.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { tasks.cancelAll() }
            guard let first = try await tasks.next() else { return TerminationStatus?.none }
            // The other task waits for a process that is killed now.
            if first == nil { self.signal(SIGKILL) }
            return first
        }
        guard let status else { throw FaultFailure("\(name) has not ended \(limit) after SIGTERM, and was killed") }
        guard status.isSuccess else { throw FaultFailure("\(name) ended with \(status) after SIGTERM") }
    }
}
