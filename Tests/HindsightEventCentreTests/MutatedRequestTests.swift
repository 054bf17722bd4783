#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("R6 mutated requests", .timeLimit(.minutes(3)))
    struct MutatedRequestTests {
        private static let requests = [
            (
                "command.Withdraw",
                #"{"v":1,"id":"0192f0c1-7d3e-7c11-8f5a-6b1f0c2d3e4f","data":{"account":"1","amount":3},"expected":"exists"}"#
            ),
            ("state", #"{"v":1,"command":"0192f0c1-7d3e-7c11-8f5a-6b1f0c2d3e4f"}"#),
            ("state", #"{"v":1,"task":"thank","event":"0192f0c1-7d3e-7c11-8f5a-6b1f0c2d3e4f"}"#),
            (
                "query.account",
                #"{"v":1,"where":{"id":"1","balance":3},"order":["balance:desc"],"limit":3,"timeout_ms":1}"#
            ),
            ("done.thank", #"{"v":1,"event":"0192f0c1-7d3e-7c11-8f5a-6b1f0c2d3e4f","position":1,"result":"done"}"#),
        ]

        @Test("Each is answered with an object of the version, whatever was changed in it, and the node goes on")
        func mutated() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(tasks: [TaskTests.task]) {
                    try await fixture.eventuallyListening()
                    var generator = SeededGenerator(seed: 11)
                    for number in 0..<1_500 {
                        let (subject, text) = Self.requests[number % Self.requests.count]
                        var bytes = Array(text.utf8)
                        for _ in 0..<Int.random(in: 1...4, using: &generator) {
                            let place = Int.random(in: 0..<bytes.count, using: &generator)
                            switch Int.random(in: 0..<4, using: &generator) {
                            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                            case 1: bytes.remove(at: place)
                            case 2: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
                            default: bytes.removeLast(bytes.count - place)
                            }
                            if bytes.isEmpty { bytes = [UInt8(ascii: "{")] }
                        }
                        let answer = try await fixture.client.request(
                            bytes, to: NATSSubject("\(fixture.prefix).\(subject)"), within: .seconds(10)
                        ).text
                        #expect(
                            answer.hasPrefix(#"{"v":1,"error":{"#) || answer.hasPrefix(#"{"v":1,"state":{"#)
                                || answer.hasPrefix(#"{"v":1,"receipt":{"#), "\(String(decoding: bytes, as: UTF8.self))"
                        )
                        // Where the program failed, a check is missing.
                        #expect(
                            !answer.contains(#""code":"failed""#),
                            "\(String(decoding: bytes, as: UTF8.self)): \(answer)")
                    }
                    #expect(try await fixture.log.frontier().position == 0)
                }
            }
        }
    }
#endif
