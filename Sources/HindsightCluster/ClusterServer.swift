import Logging

/// The server of one cluster: inspects it, starts it, stops it.
///
/// It holds no lock; the caller holds the cluster's start lock, or has the cluster to itself.
package struct ClusterServer: Sendable {
    /// How to stop a server.
    package enum Shutdown: String, Sendable {
        /// Ends all sessions, writes a checkpoint.
        case fast
        /// Ends at once, as a crash would; the next start recovers.
        case immediate
    }

    package let folder: ClusterFolder
    let programs: ServerPrograms
    let settings: [String: String]
    /// Variables for the server's process beside those that it needs; tests preload an object by them.
    let environment: [String: String]
    let logger: Logger

    /// Every cluster's first role, a superuser.
    static let superuser = "postgres"
    /// How long processes of a killed server may take to notice its end.
    private static let patience = Duration.seconds(60)
    /// How long they get before they are ended. Waiting processes notice at once, computing ones do not.
    private static let patienceWithOrphans = Duration.seconds(1)
    private static let largestLog = 16 << 20

    // MARK: - Start and stop

    /// Makes the server run and take connections, whatever the last process left behind.
    package func start() async throws {
        let begin = ContinuousClock.now
        while true {
            switch try await state() {
            case .ready:
                return
            case .starting:
                // There is no time limit on recovery.
                try await Task.sleep(for: .milliseconds(50))
            case .stopping:
                // Turns a shutdown that waits for the sessions to end into a fast one.
                try await stop(.fast)
                try await Task.sleep(for: .milliseconds(50))
            case .stopped:
                // In a task of its own: cancelling must not end the program half-way, leaving a server that nobody
                // knows of yet.
                guard let failure = try await Task(operation: { try await launch() }).value else { continue }
                let waited = ContinuousClock.now - begin
                guard failure.contains("pre-existing shared memory block"), waited < Self.patience else {
                    if case .starting = try await state() { continue }
                    throw LocalClusterError(
                        .startFailed, folder: folder.requested, reason: "the server did not start",
                        remedy: "see \(folder.log)", serverLog: failure.lastLines(20))
                }
                // The processes of a killed server end by themselves, each as soon as it notices the server's end.
                if waited > Self.patienceWithOrphans { SystemCalls.endOrphans(clusterName: folder.clusterName) }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Stops the server and waits until it has ended. Does nothing if no server runs.
    package func stop(_ mode: Shutdown) async throws {
        // A server that is not among the visible processes belongs to another container; its id means nothing here.
        guard let file = postmasterFile(), isPostmaster(file.processID) else { return }
        logger.debug("stopping local database server", metadata: ["cluster.folder": "\(folder.home)"])
        let logStart = SystemCalls.size(of: folder.log)
        let outcome = try await pgCtl("stop", ["-m", mode.rawValue, "-t", "600"])
        if !outcome.succeeded, isPostmaster(file.processID) {
            throw LocalClusterError(
                .stopFailed, folder: folder.requested, reason: "the server did not stop", remedy: "see \(folder.log)",
                serverLog: (outcome.output + (SystemCalls.text(of: folder.log, from: logStart) ?? "")).lastLines(20))
        }
        SocketFolder.removeLeftOver(of: folder)
    }

    /// Starts the server and waits until it accepts connections; returns its output if it does not.
    private func launch() async throws -> String? {
        try await disownLeftOver()
        let socket = try SocketFolder.prepare(for: folder)
        if SystemCalls.size(of: folder.log) > Self.largestLog {
            try SystemCalls.rename(folder.log, to: folder.previousLog)
        }
        logger.info("starting local database server", metadata: ["cluster.folder": "\(folder.home)"])
        let logStart = SystemCalls.size(of: folder.log)
        let options = serverSettings(socket: socket)
            .map { "-c " + "\($0)=\($1)".quotedForShell }.joined(separator: " ")
        let outcome = try await pgCtl("start", ["-l", ClusterFolder.logName, "-t", "60", "-s", "-o", options])
        if outcome.succeeded { return nil }
        SocketFolder.removeLeftOver(of: folder)
        return outcome.output + (SystemCalls.text(of: folder.log, from: logStart) ?? "")
    }

    /// Runs `pg_ctl` and waits for the effect.
    ///
    /// `pg_ctl` passes paths to a shell in double quotes, so it gets none with special characters: it runs in the
    /// cluster's home and gets the names of files in it.
    private func pgCtl(_ action: String, _ arguments: [String]) async throws -> ClusterAccount.Outcome {
        try await folder.account.run(
            programs.pgCtl, [action, "-D", ClusterFolder.dataName, "-w"] + arguments, in: folder.home,
            with: environment)
    }

    /// The settings on the server's command line, which take precedence over those in its files.
    private func serverSettings(socket: SocketFolder) -> [(String, String)] {
        var all = ["timezone": "UTC", "log_timezone": "UTC"]
        all.merge(settings) { _, custom in custom }
        // Identifies the server among the processes.
        all["cluster_name"] = folder.clusterName
        // These make the cluster private, so no setting overrides them.
        all["listen_addresses"] = ""
        all["port"] = "\(SocketFolder.port)"
        all["unix_socket_directories"] = socket.path
        all["unix_socket_permissions"] = "0700"
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    // MARK: - State

    /// Where the server accepts connections; nil if it does not run.
    func address() async throws -> (socketFolder: String, port: Int)? {
        guard case .ready(let socketFolder, let port) = try await state() else { return nil }
        return (socketFolder, port)
    }

    /// Reads the server's file and checks whether the process that wrote it is alive.
    package func state() async throws -> ServerState {
        guard let file = postmasterFile() else { return .stopped }
        if isPostmaster(file.processID) { return ServerState(file, isAlive: true) }
        // The process of another container is invisible here, but its socket answers.
        guard !file.socketFolder.isEmpty, SystemCalls.exists("\(file.socketFolder)/.s.PGSQL.\(file.port)") else {
            return .stopped
        }
        let arguments = ["-q", "-h", file.socketFolder, "-p", "\(file.port)", "-t", "5"]
        let isDead = try await folder.account.run(programs.pgIsReady, arguments).exitCode == 2
        return ServerState(file, isAlive: !isDead)
    }

    func postmasterFile() -> PostmasterFile? {
        SystemCalls.text(of: "\(folder.data)/postmaster.pid").flatMap(PostmasterFile.init)
    }

    /// The id of the server's first process; nil if it does not run.
    package func processID() -> Int32? {
        guard let file = postmasterFile(), isPostmaster(file.processID) else { return nil }
        return file.processID
    }

    /// Whether the server is not running, or is about to stop. It starts no program.
    ///
    /// It is also true for a server of another container, whose process is not visible; ``state()`` finds out.
    var isGoneOrGoing: Bool {
        guard let file = postmasterFile(), isPostmaster(file.processID) else { return true }
        return file.status == .stopping
    }

    private func isPostmaster(_ processID: Int32) -> Bool {
        SystemCalls.isServer(processID, clusterName: folder.clusterName)
    }

    /// Makes a killed server's file point to no process.
    ///
    /// After a restart of the machine or a container, its process id may be that of any process of this user, which a
    /// new server would take for the old one. The rest of the file must stay: from it, the server finds processes that
    /// outlived the killed one.
    private func disownLeftOver() async throws {
        guard let file = postmasterFile(), file.processID != Int32.max else { return }
        let script = """
            cd "$1" || exit
            { echo \(Int32.max) && tail -n +2 postmaster.pid; } >postmaster.new && mv postmaster.new postmaster.pid
            """
        let outcome = try await folder.account.run("/bin/sh", ["-c", script, "sh", folder.data])
        guard outcome.succeeded else {
            throw LocalClusterError(
                .startFailed, folder: folder.requested, reason: "the file of a killed server could not be changed",
                remedy: "remove \(folder.data)/postmaster.pid", serverLog: outcome.output.lastLines(20))
        }
    }
}
