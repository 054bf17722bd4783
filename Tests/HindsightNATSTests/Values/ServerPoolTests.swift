#if NATS
    import HindsightNATS
    import Testing

    @Suite("Servers and when to try them: 13.21, 13.23, 13.25", .timeLimit(.minutes(1)))
    struct ServerPoolTests {
        private func pool(_ addresses: String...) throws -> ServerPool {
            var backoff = NATSBackoff()
            backoff.jitter = 0
            return ServerPool(try addresses.map { try ServerAddress($0) }, backoff: backoff)
        }

        private func attempts(_ pool: inout ServerPool, _ count: Int) -> [String] {
            (0..<count).compactMap { _ in
                pool.nextAttempt(chance: 1).map { "\($0.address.host) \($0.wait / .milliseconds(1))" }
            }
        }

        @Test("13.23: it waits between rounds, twice as long each time, up to a limit")
        func backsOff() throws {
            var pool = try pool("a", "b", "a")
            #expect(attempts(&pool, 7) == ["a 0.0", "b 0.0", "a 50.0", "b 0.0", "a 100.0", "b 0.0", "a 200.0"])
            _ = attempts(&pool, 1_000)
            #expect(attempts(&pool, 2) == ["b 0.0", "a 5000.0"])
        }

        @Test("13.23: a part of each wait is by chance")
        func jitters() {
            var backoff = NATSBackoff()
            backoff.jitter = 0.5
            #expect(backoff.wait(beforeRound: 0, chance: 1) == .zero)
            #expect(backoff.wait(beforeRound: 3, chance: 0) == .milliseconds(200))
            #expect(backoff.wait(beforeRound: 3, chance: 1) == .milliseconds(100))
            #expect(backoff.wait(beforeRound: .max, chance: 0) == .seconds(5))
            backoff.jitter = 7
            #expect(backoff.wait(beforeRound: 1, chance: 1) == .zero)
        }

        @Test("13.23: a server that takes a client and throws it out at once is not asked without a wait")
        func flapping() throws {
            var pool = try pool("a")
            var waits: [Duration] = []
            for _ in 0..<9 {
                guard let attempt = pool.nextAttempt(chance: 0) else { break }
                waits.append(attempt.wait)
                pool.connected(to: attempt.address)
                pool.lost(after: .milliseconds(1))
            }
            #expect(waits == [0, 50, 100, 200, 400, 800, 1600, 3200, 5000].map { .milliseconds($0) })
            // One that has lasted is tried again at once.
            pool.lost(after: .seconds(60))
            #expect(attempts(&pool, 1) == ["a 0.0"])
        }

        @Test func theOneThatWasLostIsTriedLast() throws {
            var pool = try pool("a", "b", "c")
            let address = try ServerAddress("b")
            pool.connected(to: address)
            pool.lost(after: .seconds(60))
            #expect(attempts(&pool, 3).map(\.first) == ["c", "a", "b"])
        }

        @Test("13.21: the same refusal twice gives a server up; another one, or a connection in between, does not")
        func refusals() throws {
            var pool = try pool("a", "b")
            let (a, b) = (try ServerAddress("a"), try ServerAddress("b"))
            var givenUp = [pool.refused(by: a, saying: "no"), pool.refused(by: a, saying: "never")]
            pool.connected(to: a)
            givenUp += [pool.refused(by: a, saying: "never"), pool.refused(by: a, saying: "never")]
            #expect(givenUp == [false, false, false, true])
            #expect(pool.entries.map(\.address.host) == ["b"])
            #expect(attempts(&pool, 2) == ["b 0.0", "b 50.0"])
            givenUp = [pool.refused(by: a, saying: "never")]
            givenUp += [pool.refused(by: b, saying: "no"), pool.refused(by: b, saying: "no")]
            #expect(givenUp == [false, false, true])
            #expect(pool.isEmpty)
            let attempt = pool.nextAttempt(chance: 0)
            #expect(attempt == nil)
        }

        @Test("13.25: servers that are told of come and go, and configured ones stay")
        func discovery() throws {
            var pool = try pool("a", "b")
            let (a, b) = (try ServerAddress("a"), try ServerAddress("b"))
            let (c, d) = (try ServerAddress("c"), try ServerAddress("d"))
            var isNew = [pool.discovered([a, c], connected: a), pool.discovered([a, c], connected: a)]
            isNew.append(pool.discovered([], connected: a))
            #expect(isNew == [true, false, false])
            #expect(pool.entries.map(\.address.host) == ["a", "b", "c"])
            isNew = [pool.discovered([d], connected: b)]
            #expect(pool.entries.map(\.address.host) == ["a", "b", "d"])
            // The one that it is connected to is not forgotten.
            isNew.append(pool.discovered([c], connected: d))
            #expect(isNew == [true, true])
            #expect(pool.entries.map(\.address.host) == ["a", "b", "d", "c"])
            #expect(pool.entries.map(\.isDiscovered) == [false, false, true, true])
        }

        @Test func readsAddresses() throws {
            for (text, shown) in [
                ("nats://a:1", "nats://a:1"), ("a", "nats://a:4222"), ("TLS://a.b:65535/", "tls://a.b:65535"),
                ("[::1]", "nats://[::1]:4222"), ("nats://[::1]:7", "nats://[::1]:7"),
                ("10.0.0.1:9", "nats://10.0.0.1:9"),
            ] {
                #expect("\(try ServerAddress(text))" == shown)
            }
            #expect(try ServerAddress("10.0.0.1").isNumeric)
            #expect(try !ServerAddress("10.example").isNumeric)
        }

        @Test(
            "Addresses that cannot be used, and none of their passwords is repeated",
            arguments: [
                "", "nats://", "http://a", "a:0", "a:65536", "a:b", "a:-1", "a b", "::1", "nats://a:1,nats://b:2",
                "a/b",
                "nats://user:zebra@a:1", "zebra@a", "user:zebra@x://a", "nats://zebra@", "tls://u:zebra@a",
            ])
        func badAddresses(_ text: String) throws {
            var configuration = NATSConfiguration()
            configuration.servers = ["nats://a", text]
            let error = #expect(throws: NATSError.self) { try NATSClient(configuration, logger: quiet) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.description.contains("zebra") == false)
        }

        @Test func errorsOfServersMeanWhatTheyAre() throws {
            let address = try ServerAddress("a")
            let codes: [(String, NATSError.Code, Bool)] = [
                ("'Authorization Violation'", .authorization, false),
                ("'User Authentication Expired'", .authorization, false),
                ("'User Authentication Revoked'", .authorization, false),
                ("'Account Authentication Expired'", .authorization, false),
                ("'Authentication Timeout'", .serverError, false),
                ("'maximum account active connections exceeded'", .serverError, false),
                ("'Stale Connection'", .staleConnection, false),
                ("'Permissions Violation for Publish to \"a\"'", .permissions, true),
                ("'Permissions Violation for Subscription to \"a\"'", .permissions, true),
                ("'maximum subscriptions exceeded'", .serverError, true),
                ("'Invalid Subject'", .serverError, true), ("'Maximum Payload Violation'", .serverError, false),
            ]
            for (text, code, keeps) in codes {
                #expect(ServerErrorText(text).error(from: address).code == code, "\(text)")
                #expect(ServerErrorText(text).keepsConnection == keeps, "\(text)")
            }
            let refused = ServerErrorText(#"'Permissions Violation for Subscription to "a.*" using queue "q"'"#)
                .refusedSubscription
            #expect(refused?.subject == "a.*" && refused?.queue == "q")
            let without = ServerErrorText(#"'Permissions Violation for Subscription to "a"'"#).refusedSubscription
            #expect(without?.subject == "a" && without?.queue == nil)
            #expect(ServerErrorText(#"'Permissions Violation for Publish to "a"'"#).refusedSubscription == nil)
        }

        @Test func limitsThatCannotWorkAreRefused() {
            let changes: [(inout NATSConfiguration) -> Void] = [
                { $0.servers = [] }, { $0.pingInterval = .zero }, { $0.connectTimeout = .zero },
                { $0.outputBufferBytes = 0 },
                { $0.reconnectBufferBytes = -1 }, { $0.inboxPrefix = "a b" }, { $0.inboxPrefix = ">" },
                { $0.reconnectBackoff.longest = .seconds(-1) },
            ]
            for change in changes {
                var configuration = NATSConfiguration()
                change(&configuration)
                #expect(throws: NATSError.self) { try NATSClient(configuration, logger: quiet) }
            }
        }
    }
#endif
