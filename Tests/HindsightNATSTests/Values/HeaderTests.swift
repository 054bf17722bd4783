#if NATS
    import HindsightNATS
    import Testing

    @Suite("Headers and statuses", .timeLimit(.minutes(1)))
    struct HeaderTests {
        private func parsed(_ text: String) -> NATSHeaders {
            Array(text.utf8).withUnsafeBytes { NATSHeaders(parsing: $0) }
        }
        private func status(_ text: String) -> NATSStatus? {
            Array(text.utf8).withUnsafeBytes { NATSStatus(parsing: $0) }
        }

        @Test func keepTheirOrderAndAllValues() {
            var headers: NATSHeaders = ["A": "1", "b": "2", "A": "3"]
            #expect(headers["A"] == "1")
            #expect(headers.values(for: "A") == ["1", "3"])
            #expect(headers["a"] == nil)
            headers["A"] = "4"
            #expect(headers.map(\.name) == ["b", "A"])
            headers["b"] = nil
            headers.append("5", for: "A")
            #expect(headers.values(for: "A") == ["4", "5"])
        }

        @Test("13.47: headers as servers write them")
        func parse() {
            #expect(
                parsed("NATS/1.0\r\nA: 1\r\nB:2\r\nC:\t x y \r\nD:\r\nno colon\r\nE: a:b\r\n\r\n")
                    == ["A": "1", "B": "2", "C": "x y", "D": "", "E": "a:b"])
            #expect(parsed("NATS/1.0 503\r\nNats-Subject: a\r\n\r\n") == ["Nats-Subject": "a"])
            #expect(parsed("") == [:])
            #expect(parsed("NATS/1.0") == [:])
        }

        @Test("13.47: status lines with and without text, and with more than one space")
        func statuses() {
            #expect(status("NATS/1.0 503\r\n\r\n").map { [$0.code == 503, $0.text.isEmpty] } == [true, true])
            #expect(status("NATS/1.0 503\r\nNats-Subject: x\r\n\r\n")?.code == 503)
            #expect(status("NATS/1.0   409   Consumer  Deleted \r\n\r\n")?.text == "Consumer  Deleted")
            #expect(status("NATS/1.0 100 FlowControl Request\r\n\r\n")?.text == "FlowControl Request")
            #expect(status("NATS/1.0404 No Messages\r\n\r\n")?.code == 404)
            for none in [
                "", "NATS/1.0\r\n\r\n", "NATS/1.0 \r\n\r\n", "NATS/1.0 5x3\r\n", "NATS/1.0 50\r\n", "NATS/1.0 5034\r\n",
                "NATS/1.0",
            ] {
                #expect(status(none) == nil, "\(none)")
            }
        }

        @Test(
            "13.35: a header that would be read as another one is refused",
            arguments: [
                ("", "v"), ("a b", "v"), ("a:b", "v"), ("a\r\nB", "v"), ("ü", "v"), ("A", "1\r\nB: 2"), ("A", "1\n"),
                ("A", "\r"), ("A", "\u{0}"),
            ])
        func refused(_ name: String, _ value: String) {
            var headers = NATSHeaders()
            headers.append(value, for: name)
            let error = #expect(throws: NATSError.self) { try headers.check() }
            #expect(error?.code == .invalidHeader)
            #expect(error?.description.contains("\n") == false)
        }
    }
#endif
