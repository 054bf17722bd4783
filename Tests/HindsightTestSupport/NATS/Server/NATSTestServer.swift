#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A real NATS server as a process on the loopback interface, with a folder and ports of its own, which a test may stop, kill,
/// suspend and start again.
///
/// Tests make one by ``withNATSServer(_:_:)``, or share one by ``shared()``. It is killed and its folder is removed at the end of
/// the scope, when this value goes away, or when the process of the tests ends in whatever way.
package actor NATSTestServer {
    /// The ports, which stay the same when the server is started again.
    nonisolated package let ports: NATSServerPorts
    /// The folder of the server: its configuration `server.conf`, its log `server.log` and the streams in `store`.
    nonisolated package let folder: String
    private var options: NATSServerOptions
    private var process: NATSServerProcess?
    private let watchdog: Watchdog

    /// The port for clients.
    nonisolated package var port: Int { ports.client }
    /// The address for clients, such as `nats://127.0.0.1:20001`; without user or password.
    nonisolated package var url: String { "nats://127.0.0.1:\(port)" }
    /// The folder in which it keeps its streams.
    nonisolated package var store: String { "\(folder)/store" }

    private init(_ options: NATSServerOptions, ports: NATSServerPorts, folder: String, watchdog: Watchdog) {
        self.options = options
        self.ports = ports
        self.folder = folder
        self.watchdog = watchdog
    }

    /// Starts a server and waits until it takes clients.
    ///
    /// - Parameter ports: Defaults to some that are free.
    /// - Throws: ``NATSServerProgram/Missing``; ``NATSTestServerError``, with the server's log.
    package static func start(
        _ options: NATSServerOptions = NATSServerOptions(), ports: NATSServerPorts? = nil
    ) async throws -> NATSTestServer {
        while true {
            let server = try await make(options, ports: ports ?? .draw())
            do {
                try await server.start()
                return server
            } catch let error as NATSTestServerError where error.isPortTaken && ports == nil {
                // Somebody else has taken one since it was drawn.
                await server.remove()
            } catch {
                await server.remove()
                throw error
            }
        }
    }

    /// Makes the server's folder, without starting it.
    static func make(_ options: NATSServerOptions, ports: NATSServerPorts) async throws -> NATSTestServer {
        let folder = "/tmp/hindsight-nats-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        let watchdog = try await Watchdog.start(overNATSServerIn: folder)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return NATSTestServer(options, ports: ports, folder: folder, watchdog: watchdog)
    }

    /// Whether its process is there. It ends by itself in lame duck mode.
    package var isRunning: Bool { process.map { !$0.hasEnded } ?? false }

    /// Starts the server after ``kill()`` or ``terminate()``, at the same ports and with the same streams.
    ///
    /// - Parameter limit: For it to take clients. It does so when its streams are there; in a cluster those may still be
    ///   without a leader.
    package func start(within limit: Duration = .seconds(60)) async throws {
        precondition(!isRunning, "the server is running")
        let configuration = options.configuration(in: folder, ports: ports) + "pid_file: \"\(folder)/server.pid\"\n"
        try Data(configuration.utf8).write(to: URL(filePath: "\(folder)/server.conf"), options: .atomic)
        let logged = log.utf8.count
        let process = try await NATSServerProcess.start(
            NATSServerProgram.find(), ["-c", "\(folder)/server.conf"], log: logFile)
        self.process = process
        let deadline = ContinuousClock.now + limit
        do {
            while !hasNotedPorts(process) {
                if process.hasEnded {
                    throw NATSTestServerError(
                        "the server has not started; \(await process.waitForEnd())", log: end(of: log, from: logged))
                }
                if ContinuousClock.now >= deadline {
                    throw NATSTestServerError(
                        "the server takes no clients within \(limit)", log: end(of: log, from: logged))
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        } catch {
            await kill()
            throw error
        }
    }

    /// Ends the server as a crash would (`SIGKILL`), also a suspended one, and waits for its end.
    package func kill() async {
        process?.signal(SIGKILL)
        await process?.waitForEnd()
        process = nil
    }

    /// Has the server shut down in order (`SIGTERM`), and waits for its end.
    package func terminate() async {
        process?.signal(SIGTERM)
        process?.resume()
        await process?.waitForEnd()
        process = nil
    }

    /// Puts the server into lame duck mode (`SIGUSR2`): it says so to its clients, takes no new ones, cuts off those that stay
    /// after ``NATSServerOptions/lameDuckGracePeriod``, and ends. Returns at once; ``waitForEnd()`` waits.
    package func lameDuck() { process?.signal(SIGUSR2) }

    /// Has the server read its configuration again (`SIGHUP`), with the options changed. Not all of them can be changed so; the
    /// log tells.
    package func reload(_ change: @Sendable (inout NATSServerOptions) -> Void) throws {
        change(&options)
        let configuration = options.configuration(in: folder, ports: ports) + "pid_file: \"\(folder)/server.pid\"\n"
        try Data(configuration.utf8).write(to: URL(filePath: "\(folder)/server.conf"), options: .atomic)
        process?.signal(SIGHUP)
    }

    /// Stops the server's process where it is (`SIGSTOP`), and waits until it stands: connections stay, and nothing answers.
    package func suspend() async throws { try await process?.suspend() }

    /// Lets a suspended server go on (`SIGCONT`).
    package func resume() { process?.resume() }

    /// Waits until the server's process has ended by itself.
    package func waitForEnd() async {
        await process?.waitForEnd()
        process = nil
    }

    /// Stops the server, if it runs, and starts it at the same ports with the same streams.
    ///
    /// - Parameters:
    ///   - killing: Whether it ends as by a crash. Defaults to an orderly end.
    ///   - change: Changes its options.
    package func restart(
        killing: Bool = false, _ change: @Sendable (inout NATSServerOptions) -> Void = { _ in }
    ) async throws {
        if killing { await kill() } else { await terminate() }
        change(&options)
        try await start()
    }

    /// Kills the server and removes its folder.
    package func remove() async {
        await kill()
        // The watchdog tries once more.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// All that the server has logged, also before it was started again.
    nonisolated package var log: String {
        // There is none before the first start.
        guard let data = try? Data(contentsOf: URL(filePath: logFile)) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    nonisolated private var logFile: String { "\(folder)/server.log" }

    /// The last lines of the log, for messages.
    nonisolated package var logTail: String { end(of: log, from: 0) }

    nonisolated private func end(of log: String, from start: Int) -> String {
        log.utf8.dropFirst(start).suffix(4_000).split(separator: UInt8(ascii: "\n")).suffix(30)
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    /// Whether the server has noted its ports in a file, which it does when it takes clients at them.
    private func hasNotedPorts(_ process: NATSServerProcess) -> Bool {
        struct Noted: Decodable { let nats: [String] }
        // The file's name begins with the program's.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard let name = names.first(where: { $0.hasSuffix("_\(process.identifier).ports") }),
            let data = try? Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
        else { return false }
        // Half a file is not there yet.
        return (try? JSONDecoder().decode(Noted.self, from: data)) != nil
    }
}
