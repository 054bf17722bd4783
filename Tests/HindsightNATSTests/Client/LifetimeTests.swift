#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Logging
    import ServiceLifecycle
    import ServiceLifecycleTestKit
    import Synchronization
    import Testing

    @Suite("The life of a client", .timeLimit(.minutes(2)))
    struct LifetimeTests {
        /// Lives as long as the client whose logger it is.
        private final class Canary: Sendable {}

        private struct CanaryHandler: LogHandler {
            let canary: Canary
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.critical
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) {}
        }

        private final class Weak: Sendable {
            private let canary: Mutex<WeakBox>
            init(_ canary: Canary) { self.canary = Mutex(WeakBox(canary: canary)) }
            var isGone: Bool { canary.withLock { $0.canary == nil } }
        }

        private struct WeakBox { weak var canary: Canary? }

        private func make(_ configuration: NATSConfiguration) throws -> (NATSClient, Weak) {
            let canary = Canary()
            let client = try NATSClient(
                configuration, logger: Logger(label: "canary") { _ in CanaryHandler(canary: canary) })
            return (client, Weak(canary))
        }

        @Test("A client that was never run is freed, with and without subscriptions")
        func neverRun() async throws {
            func use(_ isClosed: Bool) async throws -> Weak {
                let (client, weak) = try make(NATSConfiguration())
                let subscription = try client.subscribe(to: "a")
                try await client.publish("1".utf8, to: "a")
                if isClosed {
                    client.close()
                    try await subscription.closed
                }
                return weak
            }
            for isClosed in [true, false] {
                let weak = try await use(isClosed)
                try await eventually("it is freed") { weak.isGone }
            }
        }

        @Test(
            "A client that was closed or drained is freed long before its next ping, whatever it was at",
            arguments: [true, false])
        func closed(byDrain: Bool) async throws {
            let server = try await NATSTestServer.shared()
            func use() async throws -> Weak {
                var configuration = NATSConfiguration()
                configuration.servers = [server.url]
                configuration.pingInterval = .seconds(600)
                let (client, weak) = try make(configuration)
                let running = Task { try await client.run() }
                let subject = NATSSubject(NATSTestServer.uniqueName())
                let subscription = try client.subscribe(to: subject)
                try await client.publish(1...10, to: subject)
                _ = try? await client.request("".utf8, to: "\(subject).none", within: .seconds(600))
                try await client.flush(within: .seconds(600))
                _ = try await client.closed(within: .zero)
                if byDrain { client.drain(timeout: .seconds(600)) } else { client.close() }
                for await _ in subscription {}
                try await running.value
                return weak
            }
            let weak = try await use()
            try await eventually("it is freed") { weak.isGone }
        }

        @Test("Graceful shutdown drains: what came is handled, and what was published arrives")
        func gracefulShutdown() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            var configuration = NATSConfiguration()
            configuration.servers = [try await NATSTestServer.shared().url]
            try await withClient { watcher in
                let done = try watcher.subscribe(to: "\(subject).done")
                try await watcher.flush()
                let client = try NATSClient(configuration, logger: quiet)
                let gate = Gate()
                let subscription = try client.subscribe(to: subject)
                let group = ServiceGroup(
                    configuration: .init(services: [.init(service: client)], logger: quiet))
                let running = Task { try await group.run() }
                let handling = Task {
                    for await message in subscription {
                        await gate.pass()
                        try await client.publish(message.text.utf8, to: "\(subject).done")
                    }
                }
                try await client.publish(1...10, to: subject)
                try await client.flush()
                try await eventually("it is at work") { gate.arrivals == 1 }
                await group.triggerGracefulShutdown()
                try await eventually("it drains") {
                    do throws(NATSError) {
                        _ = try client.subscribe(to: "a")
                        return false
                    } catch {
                        return error.code == .draining
                    }
                }
                gate.open()
                try await handling.value
                try await running.value
                try await watcher.flush()
                #expect(done.pending.messages == 10)
            }
        }

        @Test("A shutdown before it was run is no error")
        func shutdownBeforeRun() async throws {
            let client = try NATSClient(NATSConfiguration(), logger: quiet)
            try await testGracefulShutdown { trigger in
                trigger.triggerGracefulShutdown()
                try await client.run()
            }
            try await client.closed
        }

        @Test(
            "A shutdown before the first connection is no error, unless something waits to be sent",
            arguments: [true, false])
        func shutdownBeforeConnection(isPublishing: Bool) async throws {
            // It takes the connection, and does not greet.
            try await withScriptedNATSServer(playing: { _ = try await $0.nextIfAny() }) { server in
                var configuration = NATSConfiguration()
                configuration.servers = [server.url]
                configuration.connectTimeout = .seconds(600)
                let client = try NATSClient(configuration, logger: quiet)
                let subscription = try client.subscribe(to: "a")
                let group = ServiceGroup(configuration: .init(services: [.init(service: client)], logger: quiet))
                let running = Task { try await group.run() }
                try await eventually("it is connecting") { server.connectionCount == 1 }
                if isPublishing { try await client.publish("1".utf8, to: "a") }
                await group.triggerGracefulShutdown()
                if isPublishing {
                    #expect(try await code { try await client.closed } == .reconnecting)
                    await #expect(throws: NATSError.self) { try await running.value }
                } else {
                    try await client.closed
                    try await subscription.closed
                    try await running.value
                }
            }
        }

        @Test("It is run once")
        func runTwice() async throws {
            try await withClient { client in
                let error = await #expect(throws: NATSError.self) { try await client.run() }
                #expect(error?.code == .invalidConfiguration)
                try await client.flush()
            }
        }

        @Test("Requests run on the thread of the connection")
        func executor() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let subscription = try client.subscribe(to: subject)
                await withTaskGroup { group in
                    group.addTask(executorPreference: client.eventLoopExecutor) {
                        for await message in subscription { try? await message.respond("yes".utf8) }
                    }
                    group.addTask(executorPreference: client.eventLoopExecutor) {
                        for _ in 0..<100 {
                            let answer = try? await client.request("?".utf8, to: subject, within: .seconds(60))
                            #expect(answer?.text == "yes")
                        }
                        subscription.drain()
                    }
                }
            }
        }
    }
#endif
