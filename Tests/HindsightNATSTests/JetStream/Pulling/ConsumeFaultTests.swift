#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Consuming and publishing with a server that misbehaves", .timeLimit(.minutes(2)))
    struct ConsumeFaultTests {
        @Test(
            "40: a request ends because servers change: it is asked again",
            arguments: ["409 Leadership Change", "409 Server Shutdown", "408 Request Timeout", "503"])
        func asksAgain(status: String) async throws {
            let handled = Record<String>()
            try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                var requests = 0
                try await jetStream.serve { request in
                    if request.operation.hasPrefix("CONSUMER.INFO") {
                        return try await jetStream.answer(request, #"{"name":"c","config":{}}"#)
                    }
                    guard request.operation.hasPrefix("CONSUMER.MSG.NEXT") else { return }
                    requests += 1
                    try await jetStream.deliver(request, stream: requests, consumer: requests)
                    try await jetStream.answer(request, status: status)
                }
            }) { server in
                try await withClient(of: server.url) { client in
                    let messages = try Consumer(JetStream(client), stream: "S", name: "c").messages()
                    try await messages.handle { message in
                        handled.note("\(message.delivery.streamSequence)")
                        if handled.count == 5 { messages.stop() }
                    }
                }
            }
            #expect(handled.all == ["1", "2", "3", "4", "5"])
        }

        @Test("12, E2: two acks are not confirmed, the third one is: one effect, and it returns")
        func repeatsAcks() async throws {
            let acks = Record<String>()
            try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                try await jetStream.serve { request in
                    if request.operation.hasPrefix("CONSUMER.MSG.NEXT") {
                        return try await jetStream.deliver(request, stream: 1, consumer: 1)
                    }
                    acks.note(request.payload)
                    switch acks.count {
                    case 1: break
                    case 2: try await jetStream.answer(request, status: "503")
                    default: try await jetStream.answer(request)
                    }
                }
            }) { server in
                try await withClient(of: server.url) { client in
                    let consumer = Consumer(JetStream(client), stream: "S", name: "c")
                    let message = try #require(try await consumer.next())
                    try await message.ack(confirmedWithin: .seconds(30))
                }
            }
            #expect(acks.all == ["+ACK", "+ACK", "+ACK"])
        }

        @Test("45: 503 is asked again, a time-out and nonsense are errors, and each message is accounted for once")
        func accountsForEachAnswer() async throws {
            let outcomes = Record<String>()
            try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                var refused = false
                try await jetStream.serve { request in
                    switch request.name {
                    case "late":
                        if refused { return try await jetStream.answer(request, #"{"stream":"S", "seq": 7}"#) }
                        refused = true
                        try await jetStream.answer(request, status: "503")
                    case "silent": break
                    case "nonsense": try await jetStream.answer(request, "+OK")
                    default: try await jetStream.answer(request, #"{"stream":"S","seq":1,"domain":"d"}"#)
                    }
                }
            }) { server in
                try await withClient(of: server.url) { client in
                    let jetStream = JetStream(client, timeout: .seconds(4))
                    try await jetStream.withPublisher(window: 2) { publisher in
                        for name in ["late", "silent", "nonsense", "well"] {
                            try await publisher.publish("x".utf8, to: "s.\(name)") { outcome in
                                switch outcome {
                                case .success(let ack): outcomes.note("\(name) \(ack.sequence)")
                                case .failure(let error): outcomes.note("\(name) \(error.code) \(error.isRetriable)")
                                }
                            }
                        }
                    }
                }
            }
            #expect(
                outcomes.all.sorted() == [
                    "late 7", "nonsense unexpectedAnswer false", "silent timedOut true", "well 1",
                ])
        }

        @Test("46: a server that is too old for batches gets none of it")
        func refusesBatches() async throws {
            let published = Record<String>()
            try await withScriptedNATSServer(playing: { connection in
                try await connection.greet(["version": #""2.11.9""#])
                try await connection.serveUntilClosed { operation in
                    if case .publish(let subject, _, _, _) = operation { published.note(subject) }
                }
            }) { server in
                try await withClient(of: server.url) { client in
                    let error = await failure {
                        try await JetStream(client).publishBatch([JetStreamDraft("1".utf8, to: "s.a")])
                    }
                    #expect(error?.code == .unsupported)
                    try await client.flush()
                }
            }
            #expect(published.all == [])
        }
    }
#endif
