#if NATS
    import Hindsight
    import HindsightCommand
    import HindsightNATS
    import HindsightTestSupport
    import Subprocess
    import Testing

    @Suite("events mirror, from a stream that others have filled", .timeLimit(.minutes(5)))
    struct ForeignStreamTests {
        private struct Result: Decodable {
            var events: Int64
            var position: Int64
        }

        /// A server with the stream, and the app that has a mapping of it.
        private struct Fixture: Sendable {
            let app: ShopProcess
            let address: String
            let jetStream: JetStream

            static func with(_ body: (Fixture) async throws -> Void) async throws {
                let app = ShopProcess(url: try await TestCluster.shared.makeDatabase(), app: "versions-app")
                #expect(try await app("database", "migrate").status == .exited(0))
                try await withNATSServer(.jetStream) { server in
                    var configuration = NATSConfiguration()
                    configuration.servers = [server.url]
                    try await NATSClient.withClient(configuration, logger: ShopFixture.logger) { client in
                        let jetStream = JetStream(client)
                        _ = try await jetStream.createStream(
                            StreamConfiguration(name: "NUMBERS", subjects: ["numbers.>"]))
                        try await body(Fixture(app: app, address: "\(server.url)/NUMBERS", jetStream: jetStream))
                    }
                }
            }

            /// Publishes numbers, in between what is none.
            func publish(_ numbers: ClosedRange<Int>) async throws {
                try await jetStream.withPublisher { publisher in
                    for number in numbers {
                        try await publisher.publish(
                            Array("\(number)".utf8), to: "numbers.of.\(number % 3)", headers: ["Request": "r\(number)"])
                        if number.isMultiple(of: 2) {
                            try await publisher.publish(Array("noise".utf8), to: "numbers.noise")
                        }
                    }
                }
            }

            /// The numbers in the log, in order.
            func numbers() async throws -> [Int] {
                struct Line: Decodable {
                    struct Number: Decodable { var number: Int }
                    var data: Number
                    var correlation: String?
                }
                let read = try await app("events", "read", "--json")
                #expect(read.status == .exited(0), "\(read.error)")
                return try read.lines.map { line in
                    try JSONEventCodec().decode(Line.self, from: Array(line.utf8)).data.number
                }
            }

            func mirror(_ arguments: String...) async throws -> ShopProcess.Outcome {
                try await app.run(["events", "mirror", "--from", address, "--json"] + arguments)
            }
        }

        @Test func copiesEachMessageThatIsAnEventOnce() async throws {
            try await Fixture.with { fixture in
                try await fixture.publish(1...700)
                for (last, fresh) in [(700, 700), (700, 0), (705, 5)] {
                    if last > 700 { try await fixture.publish(701...705) }
                    let copied = try await fixture.mirror()
                    #expect(copied.status == .exited(0), "\(copied.error)")
                    #expect(try copied.json(as: Result.self).events == Int64(fresh))
                    #expect(try await fixture.numbers() == Array(1...last))
                }
                // A stream that was made anew has other messages.
                try await fixture.jetStream.deleteStream("NUMBERS")
                _ = try await fixture.jetStream.createStream(
                    StreamConfiguration(name: "NUMBERS", subjects: ["numbers.>"]))
                try await fixture.publish(706...707)
                #expect(try await fixture.mirror().json(as: Result.self).events == 2)
                #expect(try await fixture.numbers() == Array(1...707))
            }
        }

        @Test func goesOnWhereItWasKilledAndHoldsOffASecondOne() async throws {
            try await Fixture.with { fixture in
                for round in 0..<4 {
                    try await fixture.publish((round * 300 + 1)...(round * 300 + 300))
                    let killed = try await fixture.app.killed([
                        "events", "mirror", "--from", fixture.address, "--follow",
                    ]) {
                        try await eventually("some of them are there") {
                            try await fixture.numbers().count > round * 300
                        }
                        let second = try await fixture.mirror()
                        #expect(
                            second.status == .exited(1) && second.error.contains("another mirror is at work"),
                            "\(second.error)")
                    }
                    #expect(killed.status == .signaled(9))
                }
                let drained = try await fixture.app.interrupted(
                    ["events", "mirror", "--from", fixture.address, "--follow"], send: .interrupt
                ) {
                    try await fixture.publish(1_201...1_210)
                    try await eventually("all of them are there") { try await fixture.numbers().count == 1_210 }
                }
                #expect(drained.status == .exited(0), "\(drained.error)")
                #expect(try await fixture.numbers() == Array(1...1_210))
            }
        }

        @Test("A stream that is made anew under --follow ends it, however long the new one is", arguments: [3, 60])
        func endsWhenTheStreamIsMadeAnew(count: Int) async throws {
            try await Fixture.with { fixture in
                try await fixture.publish(1...20)
                async let following = fixture.mirror("--follow")
                try await eventually("all of them are there") { try await fixture.numbers().count == 20 }
                try await fixture.jetStream.deleteStream("NUMBERS")
                _ = try await fixture.jetStream.createStream(
                    StreamConfiguration(name: "NUMBERS", subjects: ["numbers.>"]))
                try await fixture.publish(21...20 + count)
                let ended = try await following
                #expect(ended.status == .exited(1))
                #expect(
                    ended.error.contains(
                        "the stream NUMBERS was deleted while it was copied: its messages up to 30 are in the log"),
                    "\(ended.error)")
                #expect(try await fixture.numbers() == Array(1...20))
                #expect(try await fixture.mirror().json(as: Result.self).events == Int64(count))
                #expect(try await fixture.numbers() == Array(1...20 + count))
            }
        }

        @Test func saysWhichMessageTheLogRefuses() async throws {
            try await Fixture.with { fixture in
                try await fixture.publish(1...10)
                // The mapping makes a correlation id of it, which may not be as long.
                try await fixture.jetStream.publish(
                    Array("11".utf8), to: "numbers.of.2", headers: ["Request": String(repeating: "r", count: 20_000)])
                try await fixture.publish(12...20)
                for _ in 0..<2 {
                    let refused = try await fixture.mirror()
                    #expect(refused.status == .exited(1))
                    #expect(
                        refused.error.contains(
                            "the log refuses the event of message 16 of the stream NUMBERS, on numbers.of.2: "),
                        "\(refused.error)")
                    #expect(refused.error.contains("correlation"), "\(refused.error)")
                    #expect(try await fixture.numbers() == Array(1...10))
                }
            }
        }

        @Test func saysWhichMessageCannotBeMapped() async throws {
            try await Fixture.with { fixture in
                try await fixture.publish(1...10)
                try await fixture.jetStream.publish(Array("eleven".utf8), to: "numbers.of.1")
                let refused = try await fixture.mirror()
                #expect(refused.status == .exited(1))
                #expect(
                    refused.error.contains("message 16 of the stream NUMBERS, on numbers.of.1, could not be mapped"),
                    "\(refused.error)")
                #expect(try await fixture.numbers() == Array(1...10))
                #expect(try await fixture.mirror().error.contains("message 16"))
                // The shop has no mapping of it.
                let shop = try await ShopProcess.inOwnDatabase()
                let unknown = try await shop("events", "mirror", "--from", fixture.address)
                #expect(
                    unknown.status == .exited(1) && unknown.error.contains("give the app a ForeignMapping of it"),
                    "\(unknown.error)")
            }
        }
    }
#endif
