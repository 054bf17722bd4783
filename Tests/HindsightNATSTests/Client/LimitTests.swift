#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("What a server does not take", .timeLimit(.minutes(2)))
    struct LimitTests {
        @Test(
            "13.34: the largest message, headers included, is the server's, and one byte more is refused before it is sent"
        )
        func maximumPayload() async throws {
            try await withNATSServer(.with { $0.maxPayload = 1_000 }) { server in
                try await withClient(of: server.url) { client in
                    let subscription = try client.subscribe(to: "a")
                    let headers: NATSHeaders = ["Name": "value", "Other": ""]
                    let room = 1_000 - headers.encodedCount
                    try await client.publish([UInt8](repeating: 1, count: 1_000), to: "a")
                    try await client.publish([UInt8](repeating: 1, count: room), to: "a", headers: headers)
                    for (count, headers) in [(1_001, [:]), (room + 1, headers)] as [(Int, NATSHeaders)] {
                        let payload = [UInt8](repeating: 1, count: count)
                        #expect(
                            try await code { try await client.publish(payload, to: "a", headers: headers) }
                                == .payloadTooLarge)
                        let code = try await code {
                            _ = try await client.request(payload, to: "a", headers: headers, within: .seconds(100))
                        }
                        #expect(code == .payloadTooLarge)
                    }
                    try await client.flush()
                    #expect(subscription.pending.messages == 2 && subscription.pending.bytes == 2_000)
                    #expect(try await server.clients().count == 1)
                    var reader = subscription.makeAsyncIterator()
                    #expect(await reader.next()?.size == 1_000)
                    #expect(await reader.next()?.headers == headers)
                }
            }
        }

        @Test("13.34, 13.35: the longest subjects pass the server, and longer ones are refused before they are sent")
        func longSubjects() async throws {
            try await withClient { client in
                let long = NATSSubject(NATSTestServer.uniqueName() + "." + String(repeating: "x", count: 3_900))
                let subscription = try client.subscribe(to: long)
                try await client.publish("1".utf8, to: long, headers: ["A": "b"])
                try await client.flush()
                #expect(subscription.pending.messages == 1)
                let longer = NATSSubject(String(repeating: "x", count: 4_000))
                #expect(try await code { try await client.publish("".utf8, to: longer) } == .invalidSubject)
                #expect(try await code { _ = try client.subscribe(to: longer) } == .invalidSubject)
                #expect(
                    try await code { _ = try client.subscribe(to: long, queue: String(repeating: "q", count: 99)) }
                        == .invalidSubject)
                try await client.flush()
            }
        }

        @Test("13.35: bad subjects, groups and headers are refused, and the connection stays")
        func badNames() async throws {
            let name = NATSTestServer.uniqueName()
            let server = try await NATSTestServer.shared()
            try await withClient(change: { $0.name = name }) { client in
                let before = try await server.clients().first { $0.name == name }?.cid
                for subject in ["", "a b", "a\r\nPUB b 0\r\n\r\n", "a..b", ".a", "a.", "*", "a.>"] as [NATSSubject] {
                    #expect(try await code { try await client.publish("".utf8, to: subject) } == .invalidSubject)
                    #expect(
                        try await code { try await client.publish("".utf8, to: "a", reply: subject) } == .invalidSubject
                    )
                    #expect(
                        try await code { _ = try await client.request("".utf8, to: subject, within: .seconds(9)) }
                            == .invalidSubject)
                    let many = try await code {
                        _ = try await client.requestMany("".utf8, to: subject, until: .total(.seconds(9)))
                    }
                    #expect(many == .invalidSubject)
                }
                for subject in ["", "a b", "a\r\nPUB b 0\r\n\r\n", "a..b", "a.>.b"] as [NATSSubject] {
                    #expect(try await code { _ = try client.subscribe(to: subject) } == .invalidSubject)
                }
                for queue in ["", "a b", "q\r\nPUB b 0\r\n\r\n"] {
                    #expect(try await code { _ = try client.subscribe(to: "a", queue: queue) } == .invalidSubject)
                }
                let injected: NATSHeaders = ["A": "b\r\nC: d"]
                #expect(
                    try await code { try await client.publish("".utf8, to: "a", headers: injected) } == .invalidHeader)
                try await client.flush()
                let after = try await server.clients().first { $0.name == name }
                #expect(after?.cid == before && after?.in_msgs == 0)
            }
        }

        @Test("Messages arrive as they were sent, whatever is in them")
        func contents() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let subscription = try client.subscribe(to: subject)
                let payloads: [[UInt8]] = [
                    [], [0], Array("\r\n".utf8), Array("PUB a 1\r\n".utf8), Array(0...255),
                    [UInt8](repeating: 13, count: 1 << 20),
                ]
                for payload in payloads { try await client.publish(payload, to: subject, reply: "re.ply") }
                // Of a sequence that is not in one piece.
                try await client.publish(payloads[4].lazy.map { $0 }.filter { $0 > 3 }, to: subject)
                let headers: NATSHeaders = ["A": "1", "a": "ü \u{1F600}", "A": "", "X-Y_z!": "a:b"]
                try await client.publish("x".utf8, to: subject, headers: headers)
                var reader = subscription.makeAsyncIterator()
                for payload in payloads {
                    let message = try #require(await reader.next())
                    #expect(message.withPayload { Array($0) } == payload)
                    #expect(message.reply == "re.ply" && message.subject == subject && message.headers.isEmpty)
                }
                #expect(await reader.next()?.withPayload { Array($0) } == Array(4...255))
                #expect(await reader.next()?.headers == headers)
            }
        }

        @Test("What an account may not do is an error where it is done, and the connection stays")
        func permissions() async throws {
            let users = NATSServerAuthorization.users([
                .init(
                    .password(user: "u", password: "p"),
                    permissions: "publish: { deny: \"no.>\" }, subscribe: { deny: [\"no.>\", \"half q\"] }")
            ])
            try await withNATSServer(.with { $0.authorization = users }) { server in
                try await withClient(of: server.url, change: { $0.credentials = .user("u", password: "p") }) { client in
                    let (refused, allowed) = (try client.subscribe(to: "no.1"), try client.subscribe(to: "yes.1"))
                    #expect(try await code { try await refused.closed } == .permissions)
                    let (member, alone) = (
                        try client.subscribe(to: "half", queue: "q"), try client.subscribe(to: "half")
                    )
                    #expect(try await code { try await member.closed } == .permissions)
                    let handling = try await code { try await client.handle("no.2") { _ in } }
                    #expect(handling == .permissions)
                    let events = client.events
                    try await client.publish("".utf8, to: "no.1")
                    for await event in events {
                        guard case .serverError(let error) = event else { continue }
                        #expect(error.code == .permissions)
                        break
                    }
                    try await client.publish("".utf8, to: "yes.1")
                    try await client.publish("".utf8, to: "half")
                    try await client.flush()
                    #expect(allowed.pending.messages == 1 && alone.pending.messages == 1)
                    #expect(try await server.clients().count == 1)
                }
            }
        }

        @Test("A client that may not listen to its inbox is told so by its requests")
        func inboxDenied() async throws {
            let users = NATSServerAuthorization.users([
                .init(.password(user: "u", password: "p"), permissions: "subscribe: { deny: \"_INBOX.>\" }")
            ])
            try await withNATSServer(.with { $0.authorization = users }) { server in
                try await withClient(of: server.url, change: { $0.credentials = .user("u", password: "p") }) { client in
                    let silent = try client.subscribe(to: "a")
                    for _ in 0..<3 {
                        let code = try await code {
                            _ = try await client.request("".utf8, to: "a", within: .seconds(100))
                        }
                        #expect(code == .permissions)
                    }
                    _ = silent
                }
                // Another prefix helps.
                try await withClient(
                    of: server.url,
                    change: {
                        $0.credentials = .user("u", password: "p")
                        $0.inboxPrefix = "mine"
                    }
                ) { client in
                    let code = try await code {
                        _ = try await client.request("".utf8, to: "a", within: .seconds(100))
                    }
                    #expect(code == .noResponders)
                }
            }
        }

        @Test("Without echo a client does not get its own messages")
        func echo() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient(change: { $0.echo = false }) { client in
                try await withClient { other in
                    let (own, others) = (try client.subscribe(to: subject), try other.subscribe(to: subject))
                    try await client.flush()
                    try await other.flush()
                    try await client.publish("".utf8, to: subject)
                    try await client.flush()
                    try await other.flush()
                    #expect(own.pending.messages == 0 && others.pending.messages == 1)
                }
            }
        }
    }
#endif
