#if NATS
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import HindsightTestSupport
    import Subprocess
    import Synchronization
    import Testing

    @Suite("events mirror", .timeLimit(.minutes(5)))
    struct MirrorTests {
        /// A stream on a server, as the command line names it, and as a test looks into it.
        struct Target: Sendable {
            let url: String
            let stream: String

            var address: String { "\(url)/\(stream)" }

            static func inOwnStream() async throws -> Target {
                Target(url: try await NATSTestServer.shared().url, stream: NATSTestServer.uniqueName("MIRROR"))
            }

            /// Waits until the log has so many events.
            func waitForEvents(_ count: Int64) async throws {
                var configuration = NATSConfiguration()
                configuration.servers = [url]
                try await NATSClient.withClient(configuration, logger: ShopFixture.logger) { client in
                    let log = JetStreamEventLog(client, stream: stream, logger: ShopFixture.logger)
                    try await eventually("the mirror has \(count) events") {
                        // Before the stream is there, it is an error.
                        (try? await log.frontier().position >= count) ?? false
                    }
                }
            }
        }

        /// The events of a log with everything but the position.
        private static func events(_ shop: ShopProcess, _ arguments: String...) async throws -> [String] {
            let outcome = try await shop.run(["events", "read", "--json"] + arguments)
            #expect(outcome.status == .exited(0), "\(outcome.error)")
            return outcome.lines.map { $0.replacing(/"position":\d+,/, with: "") }
        }

        private struct Result: Decodable {
            var events: Int64
            var position: Int64
        }

        @Test func copiesEachEventOnceThereAndBack() async throws {
            let target = try await Target.inOwnStream()
            let shop = try await ShopProcess.inOwnDatabase()
            let back = try await ShopProcess.inOwnDatabase()
            var total: Int64 = 0
            for round in 0..<3 {
                #expect(try await shop("simulate", "--orders", "30", "--seed", "\(round)").status == .exited(0))
                let events = try await Self.events(shop)
                let fresh = Int64(events.count) - total
                total = Int64(events.count)
                let copied = try await shop("events", "mirror", "--to", target.address, "--json")
                #expect(copied.status == .exited(0), "\(copied.error)")
                #expect(try copied.json(as: Result.self).events == fresh)
                #expect(try await Self.events(shop, "--log", target.address) == events)
                let returned = try await back("events", "mirror", "--from", target.address, "--json")
                #expect(returned.status == .exited(0), "\(returned.error)")
                #expect(try returned.json(as: Result.self).events == fresh)
                #expect(try await Self.events(back) == events)
            }
            for end in [["--to", target.address], ["--from", target.address]] {
                let again = try await shop.run(["events", "mirror", "--json"] + end)
                #expect(try again.json(as: Result.self).events == 0, "\(again.error)")
            }
            // From stream to stream.
            let other = try await Target.inOwnStream()
            let third = try await shop("events", "mirror", "--to", other.address, "--log", target.address, "--json")
            #expect(try third.json(as: Result.self).events == total, "\(third.error)")
            #expect(try await Self.events(shop, "--log", other.address) == Self.events(shop))
        }

        @Test func goesOnWhereItWasKilled() async throws {
            let target = try await Target.inOwnStream()
            let shop = try await ShopProcess.inOwnDatabase()
            let back = try await ShopProcess.inOwnDatabase()
            #expect(try await shop("simulate", "--orders", "400").status == .exited(0))
            let events = try await Self.events(shop)
            for part in 1...5 {
                let killed = try await shop.killed(["events", "mirror", "--to", target.address, "--follow"]) {
                    try await target.waitForEvents(Int64(events.count * part / 7))
                }
                #expect(killed.status == .signaled(9))
            }
            let last = try await shop("events", "mirror", "--to", target.address)
            #expect(last.status == .exited(0), "\(last.error)")
            #expect(try await Self.events(shop, "--log", target.address) == events)

            for _ in 1...3 {
                let killed = try await back.killed(["events", "mirror", "--from", target.address, "--follow"]) {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 50...400)))  // any point will do
                }
                #expect(killed.status == .signaled(9))
            }
            #expect(try await back("events", "mirror", "--from", target.address).status == .exited(0))
            #expect(try await Self.events(back) == events)
        }

        private final class Flag: Sendable {
            private let value = Atomic(false)

            var isRaised: Bool { value.load(ordering: .acquiring) }

            func raise() { value.store(true, ordering: .releasing) }
        }

        private static func order(_ shop: ShopProcess, until flag: Flag) async throws {
            var seed = 1
            while !flag.isRaised {
                seed += 1
                #expect(try await shop("simulate", "--orders", "50", "--seed", "\(seed)").status == .exited(0))
            }
        }

        @Test func goesOnBesideASecondMirrorWhichIsRefused() async throws {
            let target = try await Target.inOwnStream()
            let shop = try await ShopProcess.inOwnDatabase()
            let back = try await ShopProcess.inOwnDatabase()
            #expect(try await shop("simulate", "--orders", "10").status == .exited(0))
            let first = try await shop.interrupted(
                ["events", "mirror", "--to", target.address, "--follow"], send: .interrupt
            ) {
                try await target.waitForEvents(1)
                let isRefused = Flag()
                async let second = shop("events", "mirror", "--to", target.address, "--follow")
                async let orders: Void = Self.order(shop, until: isRefused)
                let refused = try await second
                isRefused.raise()
                try await orders
                #expect(
                    refused.status == .exited(1) && refused.error.contains("another mirror, which was there first"),
                    "\(refused.error)")
                try await target.waitForEvents(Int64(try await Self.events(shop).count))
            }
            #expect(first.status == .exited(0), "\(first.error)")
            let events = try await Self.events(shop)
            #expect(try await Self.events(shop, "--log", target.address) == events)

            let follower = try await back.interrupted(
                ["events", "mirror", "--from", target.address, "--follow"], send: .interrupt
            ) {
                try await eventually("the first mirror is at work") {
                    try await back("events", "read", "--json", "--limit", "1").lines.count == 1
                }
                let refused = try await back("events", "mirror", "--from", target.address)
                #expect(
                    refused.status == .exited(1) && refused.error.contains("another mirror is at work"),
                    "\(refused.error)")
                try await eventually("it goes on") { try await Self.events(back).count == events.count }
            }
            #expect(follower.status == .exited(0), "\(follower.error)")
            #expect(try await Self.events(back) == events)
        }

        @Test func copiesNothingTwiceBesideAnotherMirror() async throws {
            let target = try await Target.inOwnStream()
            let shop = try await ShopProcess.inOwnDatabase()
            #expect(try await shop("database", "migrate", "--log", target.address).status == .exited(0))
            for round in 0..<3 {
                #expect(try await shop("simulate", "--orders", "100", "--seed", "\(round)").status == .exited(0))
                async let first = shop("events", "mirror", "--to", target.address)
                async let second = shop("events", "mirror", "--to", target.address)
                let outcomes = [try await first, try await second]
                #expect(outcomes.contains { $0.status == .exited(0) })
                for outcome in outcomes where outcome.status != .exited(0) {
                    #expect(outcome.error.contains("another mirror"), "\(outcome.error)")
                }
                #expect(try await Self.events(shop, "--log", target.address) == Self.events(shop))
            }
        }

        @Test func endsWhereAServerStaysAway() async throws {
            let shop = try await ShopProcess.inOwnDatabase()
            #expect(try await shop("simulate", "--orders", "5").status == .exited(0))
            try await withNATSServer(.jetStream) { server in
                let target = Target(url: server.url, stream: "MIRROR")
                async let mirror = shop("events", "mirror", "--to", target.address, "--follow", "--patience", "2s")
                try await target.waitForEvents(5)
                await server.kill()
                #expect(try await shop("simulate", "--orders", "5", "--seed", "2").status == .exited(0))
                // It ends by itself.
                let outcome = try await mirror
                #expect(outcome.status == .exited(1))
                #expect(
                    outcome.error.contains("the stream MIRROR of \(server.url) has not answered for 2.0 seconds"),
                    "\(outcome.error)")
            }
        }

        @Test func countsWhatItHasCopiedThroughFailures() async throws {
            let shop = try await ShopProcess.inOwnDatabase()
            try await withNATSServer(.jetStream) { server in
                let target = Target(url: server.url, stream: "MIRROR")
                #expect(try await shop("simulate", "--orders", "400").status == .exited(0))
                let count = try await Self.events(shop).count
                let copied = try await TCPProxy.with(
                    to: server.port, cutting: CutPolicy([.bytes], bytes: 20_000...60_000, limit: 8)
                ) { proxy in
                    try await shop("events", "mirror", "--to", "nats://127.0.0.1:\(proxy.port)/MIRROR", "--json")
                }
                #expect(copied.status == .exited(0), "\(copied.error)")
                #expect(try copied.json(as: Result.self).events == Int64(count))
                #expect(try await Self.events(shop, "--log", target.address) == Self.events(shop))
            }
        }

        @Test func followsThroughFailuresOfTheServer() async throws {
            let shop = try await ShopProcess.inOwnDatabase()
            #expect(try await shop("database", "migrate").status == .exited(0))
            try await withNATSServer(.jetStream) { server in
                let target = Target(url: server.url, stream: "MIRROR")
                let outcome = try await shop.interrupted(
                    ["events", "mirror", "--to", target.address, "--follow"], send: .interrupt
                ) {
                    for round in 0..<3 {
                        try await target.waitForEvents(0)
                        async let written = shop("simulate", "--orders", "150", "--seed", "\(round)")
                        await server.kill()
                        try await server.start()
                        #expect(try await written.status == .exited(0))
                    }
                    let count = try await Self.events(shop).count
                    do {
                        try await target.waitForEvents(Int64(count))
                    } catch {
                        // What the mirror has said follows.
                        Issue.record(error)
                    }
                }
                #expect(outcome.status == .exited(0), "\(outcome.error)")
                #expect(
                    try await Self.events(shop, "--log", target.address) == Self.events(shop), "\(outcome.error)")
            }
        }

        @Test func refusesALogInWhichSomebodyElseWrites() async throws {
            let target = try await Target.inOwnStream()
            let shop = try await ShopProcess.inOwnDatabase()
            let note = ["events", "append", "note-1", "--type", "Noted", "--data", "{}", "--force"]
            #expect(try await shop.run(note).status == .exited(0))
            #expect(try await shop("events", "mirror", "--to", target.address).status == .exited(0))
            #expect(try await shop.run(note + ["--log", target.address]).status == .exited(0))
            let refused = try await shop("events", "mirror", "--to", target.address)
            #expect(refused.status == .exited(1))
            #expect(refused.error.contains("was appended there: it is no mirror of the log"), "\(refused.error)")

            let other = try await ShopProcess.inOwnDatabase()
            #expect(try await other.run(note).status == .exited(0))
            let astray = try await other("events", "mirror", "--from", target.address)
            #expect(astray.status == .exited(1))
            #expect(astray.error.contains("is no mirror of it"), "\(astray.error)")

            let itself = try await shop("events", "mirror", "--to", target.address, "--log", target.address)
            #expect(itself.status == .exited(1) && itself.error.contains("is the log that is to be copied"))
            let missing = try await shop("events", "mirror", "--from", "\(target.url)/NOTHING")
            #expect(missing.status == .exited(1) && missing.error.contains("there is no event log in the stream"))
            for arguments in [[], ["--to", target.address, "--from", target.address], ["--to", "x"]] {
                #expect(try await shop.run(["events", "mirror"] + arguments).status == .exited(64))
            }
        }
    }
#endif
