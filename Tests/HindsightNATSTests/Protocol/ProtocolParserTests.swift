#if NATS
    import HindsightNATS
    import Testing

    @Suite("Reading the protocol of NATS, 13.47", .timeLimit(.minutes(3)))
    struct ProtocolParserTests {
        private static let stream = """
            INFO {"server_id":"A"}\r\nPING\r\npong\r\n+OK\r\nMSG a.b 7 3\r\none\r\n\
            msg a 9223372036854775 re.ply  0\r\n\r\nMSG\ta\t1\t2\r\n\r\n\r\nInFo {}\r\n\
            HMSG h 2 12 17\r\nNATS/1.0\r\n\r\nhello\r\nhmsg h 2 back 12 12\r\nNATS/1.0\r\n\r\n\r\n\
            -ERR 'Unknown Protocol Operation'\r\n-err 'x'\r\nMSG a 1 6\r\nPING\r\n\r\nPONG\r\n
            """
        private static let operations: [ParsedOperation] = [
            .info(Array(#" {"server_id":"A"}"#.utf8)), .ping, .pong, .ok, .message(7, "a.b", payload: "one"),
            .message(9_223_372_036_854_775, "a", reply: "re.ply"), .message(1, "a", payload: "\r\n"),
            .info(Array(" {}".utf8)), .message(2, "h", headers: "NATS/1.0\r\n\r\n", payload: "hello"),
            .message(2, "h", reply: "back", headers: "NATS/1.0\r\n\r\n"),
            .error(Array(" 'Unknown Protocol Operation'".utf8)), .error(Array(" 'x'".utf8)),
            .message(1, "a", payload: "PING\r\n"), .pong,
        ]

        @Test("13.47: the same operations come of it wherever it is split")
        func splits() {
            let bytes = Array(Self.stream.utf8)
            #expect(parse([bytes[...]]) == Self.operations)
            #expect(parse(bytes.indices.map { bytes[$0...$0] }) == Self.operations)
            for first in bytes.indices {
                #expect(parse([bytes[..<first], bytes[first...]]) == Self.operations, "split at \(first)")
                for second in bytes.indices[first...] {
                    guard parse([bytes[..<first], bytes[first..<second], bytes[second...]]) == Self.operations else {
                        Issue.record("split at \(first) and \(second)")
                        return
                    }
                }
            }
        }

        @Test("13.47: an unfinished message says how many bytes it needs")
        func wants() {
            var parser = ProtocolParser()
            var offset = 0
            let bytes = Array("PING\r\nMSG a 1 100\r\nabc".utf8)
            let operations = bytes.withUnsafeBytes { all in
                (0..<2).map { _ in try? parser.next(in: all, at: &offset) }
            }
            #expect(operations == [.ping, nil])
            #expect(offset == 6)
            #expect(parser.wanted == "MSG a 1 100\r\n".utf8.count + 100 + 2)
        }

        @Test(
            "13.47: what is not of the protocol is refused, whole and byte by byte",
            arguments: [
                "\r\n", "\n", "HELLO\r\n", "PINGS\r\n", "X", "\u{0B}OK\r\n", "\rERR 'x'\r\n", "MSG\r\n", "MSG a\r\n",
                "MSG a 1\r\n",
                "MSG a b 3\r\nabc\r\n", "MSG a 1 r -3\r\n", "MSG a 1 r s 3\r\n", "MSG a 1 r s t 3\r\n",
                "MSG a 1 3\r\nabcd\r\n",
                "MSG a 1 3\r\nabc\n\n", "MSG a 1 1073741825\r\n", "MSG a 1 99999999999999999999999\r\n",
                "HMSG a 1 3\r\nabc\r\n",
                "HMSG a 1 4 3\r\nabc\r\n", "HMSG a 1 12\r\n", "HTTP/1.1 400 Bad Request\r\n", "\u{16}\u{03}\u{01}",
                " PING\r\n",
            ])
        func junk(_ text: String) {
            let bytes = Array(text.utf8)
            #expect(parse([bytes[...]]) == [.violation])
            #expect(parse(bytes.indices.map { bytes[$0...$0] }) == [.violation])
            let behind = Array("PING\r\n".utf8) + bytes
            #expect(parse([behind[...]]) == [.ping, .violation])
        }

        @Test("13.47: a line that does not end is refused before it fills the memory")
        func endlessLine() {
            let bytes = [UInt8](repeating: UInt8(ascii: "I"), count: ProtocolParser.maximumLine)
            #expect(parse([bytes[1...]]) == [])
            #expect(parse([bytes[...]]) == [.violation])
        }

        @Test(
            "13.47: 125,000 random inputs of eight seeds never trap and never depend on how they are split",
            arguments: 1...8)
        func fuzz(_ seed: UInt64) async {
            let fault: String? = await offThePool {
                var generator = SeededInputs(seed: seed)
                for number in 0..<125_000 {
                    let (bytes, expected) = generator.next()
                    let whole = parse([bytes[...]])
                    if let expected, whole != expected { return "input \(number): \(whole) is not what was written" }
                    let split = parse(generator.split(bytes))
                    if whole != split { return "input \(number): \(whole) whole, \(split) split" }
                }
                return nil
            }
            if let fault { Issue.record("seed \(seed), \(fault)") }
        }
    }
#endif
