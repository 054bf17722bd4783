#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Ordered reading from a server that misbehaves", .timeLimit(.minutes(2)))
    struct OrderedFaultTests {
        private func read(
            _ count: Int, from server: ScriptedNATSServer, heartbeat: Duration = .seconds(5),
            _ troubles: Record<JetStreamError.Code> = Record()
        ) async throws -> [UInt64] {
            try await withClient(of: server.url) { client in
                var options = OrderedOptions()
                options.heartbeat = heartbeat
                options.whenHealed = { troubles.note($0.code) }
                var sequences: [UInt64] = []
                for try await message in try JetStream(client).ordered(on: "S", options: options) {
                    sequences.append(message.delivery.streamSequence)
                    if sequences.count == count { break }
                }
                return sequences
            }
        }

        @Test("42, 17: a delivery is missing: the messages are read again from there, in order, none twice")
        func healsGaps() async throws {
            let starts = Record<Int?>()
            let troubles = Record<JetStreamError.Code>()
            let sequences = try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                try await jetStream.serve { request in
                    if request.operation.hasPrefix("CONSUMER.CREATE") {
                        starts.note(request.number("opt_start_seq"))
                        return try await jetStream.createConsumer(request, pending: 6)
                    }
                    guard jetStream.consumers == 1 else {
                        // One of the old consumer comes late.
                        try await jetStream.deliver(request, stream: 4, consumer: 5, of: "old")
                        for number in 3...6 {
                            try await jetStream.deliver(request, stream: number, consumer: number - 2)
                        }
                        return
                    }
                    try await jetStream.deliver(request, stream: 1, consumer: 1)
                    try await jetStream.deliver(request, stream: 2, consumer: 2)
                    try await jetStream.deliver(request, stream: 4, consumer: 4)
                    try await jetStream.deliver(request, stream: 5, consumer: 5)
                }
            }) { try await read(6, from: $0, troubles) }
            #expect(sequences == Array(1...6))
            #expect(starts.all == [nil, 3])
            #expect(troubles.all == [.deliveriesMissed])
        }

        @Test(
            "42, 40: silence, a heartbeat that tells of lost deliveries, and heartbeats without the messages that are there",
            arguments: 0..<3)
        func healsSilence(kind: Int) async throws {
            let troubles = Record<JetStreamError.Code>()
            let sequences = try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                // On a busy machine a client may begin anew before it has seen anything.
                var start = 1
                try await jetStream.serve { request in
                    if request.operation.hasPrefix("CONSUMER.CREATE") {
                        start = request.number("opt_start_seq") ?? 1
                        return try await jetStream.createConsumer(request, pending: 3)
                    }
                    if start == 1 {
                        try await jetStream.deliver(request, stream: 1, consumer: 1, pending: 2)
                        switch kind {
                        case 0: break
                        case 1:
                            try await jetStream.answer(request, status: "100 Idle Heartbeat\r\nNats-Last-Consumer: 2")
                        default:
                            for _ in 0..<2 {
                                try await jetStream.answer(
                                    request, status: "100 Idle Heartbeat\r\nNats-Last-Consumer: 1")
                            }
                        }
                    } else {
                        for number in start...3 {
                            try await jetStream.deliver(request, stream: number, consumer: number - start + 1)
                        }
                    }
                }
            }) { try await read(3, from: $0, heartbeat: kind == 0 ? .milliseconds(500) : .seconds(30), troubles) }
            #expect(sequences == [1, 2, 3])
            #expect(Set(troubles.all) == [kind == 1 ? .deliveriesMissed : .heartbeatsMissed])
        }

        @Test(
            "42, 16: a request ends because servers change or the consumer is gone: read on behind the last message",
            arguments: ["409 Consumer Deleted", "409 Leadership Change", "409 Server Shutdown", "503"])
        func healsInterruptions(status: String) async throws {
            let sequences = try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                try await jetStream.serve { request in
                    if request.operation.hasPrefix("CONSUMER.CREATE") {
                        return try await jetStream.createConsumer(request, pending: 3)
                    }
                    let first = (jetStream.consumers - 1) * 2 + 1
                    for number in first...(first + 1) {
                        try await jetStream.deliver(request, stream: number, consumer: number - first + 1)
                    }
                    try await jetStream.answer(request, status: status)
                }
            }) { try await read(6, from: $0) }
            #expect(sequences == Array(1...6))
        }

        @Test("42: a consumer that cannot be made at once is tried again; one that is not as asked for is an error")
        func makesItsConsumer() async throws {
            let sequences = try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                var attempts = 0
                try await jetStream.serve { request in
                    if request.operation.hasPrefix("CONSUMER.CREATE") {
                        attempts += 1
                        switch attempts {
                        case 1: return try await jetStream.answer(request, status: "503")
                        case 2:
                            let error = #"{"code":503,"err_code":10008,"description":"temporarily unavailable"}"#
                            return try await jetStream.answer(request, #"{"error":\#(error)}"#)
                        default: return try await jetStream.createConsumer(request)
                        }
                    }
                    try await jetStream.deliver(request, stream: 1, consumer: 1)
                }
            }) { try await read(1, from: $0) }
            #expect(sequences == [1])
            let error = try await withScriptedNATSServer(playing: { connection in
                let jetStream = ScriptedJetStream(connection)
                try await jetStream.serve { request in
                    try await jetStream.createConsumer(
                        request, config: #"{"name":"\#(request.name)","ack_policy":"none"}"#)
                }
            }) { server in await failure { _ = try await read(1, from: server) } }
            #expect(error?.code == .configurationMismatch)
        }
    }
#endif
