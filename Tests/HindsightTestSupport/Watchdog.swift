import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A process beside the tests that stops one test server and removes its folder when the tests no longer need it.
///
/// It reads a pipe that this value holds open. The pipe closes when the value goes away or the process of the tests
/// ends, in whatever way, so no hook at the end of all tests is needed and a killed test run leaves nothing behind.
package final class Watchdog: Sendable {
    private struct DidNotStart: Error {}

    private let keptOpen: FileDescriptor

    private init(keptOpen: FileDescriptor) {
        self.keptOpen = keptOpen
    }

    deinit {
        // A pipe that cannot be closed is closed at the end of the process.
        try? keptOpen.close()
    }

    /// Starts to watch over the cluster in a folder, which need not exist yet.
    ///
    /// - Parameter root: A folder above it which is removed with it.
    package static func start(over folder: String, removing root: String? = nil) async throws -> Watchdog {
        try await start("\(script)\n\(removal)", over: folder, removing: root ?? folder)
    }

    /// Starts to watch over the NATS server whose configuration is in a folder, which need not exist yet.
    static func start(overNATSServerIn folder: String) async throws -> Watchdog {
        try await start("\(scriptForNATS)\n\(removal)", over: folder, removing: folder)
    }

    private static func start(_ script: String, over folder: String, removing root: String) async throws -> Watchdog {
        // Neither end may be inherited by a server: it would keep the pipe open.
        let (read, write) = try FileDescriptor.pipe(options: .closeOnExec)
        let watchdog = Watchdog(keptOpen: write)
        var options = PlatformOptions()
        options.createSession = true
        let (started, report) = AsyncStream.makeStream(of: Void.self)
        // It runs until the tests end, so nobody waits for it.
        Task.detached { [options] in
            defer { report.finish() }
            _ = try await Subprocess.run(
                .path("/bin/sh"),
                arguments: ["-c", script, "sh", folder, root],
                workingDirectory: "/",
                platformOptions: options,
                input: .fileDescriptor(read, closeAfterSpawningProcess: true),
                output: .discarded,
                error: .discarded
            ) { _ in
                report.yield()
            }
        }
        for await _ in started { return watchdog }
        throw DidNotStart()
    }

    /// Waits for the end of the pipe, and ends the server as a crash would.
    private static let script = """
        cat >/dev/null
        file=$1/data/postmaster.pid
        process=$(head -n 1 "$file")
        if [ "${process:-2147483647}" != 2147483647 ]; then
            if [ ! -e /proc/self ] || grep -q -a -F -e "/bin/postgres" "/proc/$process/cmdline"; then
                kill -QUIT "$process"
                while [ -e "$file" ] && kill -0 "$process"; do sleep 0.05; done
            fi
        fi
        """

    /// The same for a NATS server, which is known by its arguments where that is possible: it could have been started so
    /// recently that it has not written its process's number yet.
    private static let scriptForNATS = """
        cat >/dev/null
        if [ -e /proc/self ]; then
            for file in $(grep -l -a -F -e "$1/server.conf" /proc/[0-9]*/cmdline); do
                process=${file#/proc/}
                kill -KILL "${process%/cmdline}"
            done
        else
            kill -KILL "$(cat "$1/server.pid")"
        fi
        """

    private static let removal = """
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
            rm -rf -- "$2" && exit
            sleep 0.2
        done
        """
}
