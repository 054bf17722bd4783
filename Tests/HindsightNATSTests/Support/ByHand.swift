#if NATS
    import HindsightTestSupport
    import Testing

    extension NATSTestServer {
        /// A connection that has said `CONNECT` and seen that it is taken.
        nonisolated func connectByHand() async throws -> TestSocket {
            let socket = try TestSocket.connect(to: port)
            #expect(try await socket.line().hasPrefix("INFO {"))
            let connect = #"CONNECT {"verbose":false,"protocol":1,"headers":true,"no_responders":true}"#
            try await socket.send("\(connect)\r\nPING\r\n")
            #expect(try await socket.line() == "PONG")
            // What the server knows of the client by now, such as its account.
            #expect(try await socket.line().contains(#""connect_info":true"#))
            return socket
        }
    }

    extension TestSocket {
        /// The next line that is no question whether the client is there, which a server asks at any time.
        private func lineBetweenPings(within limit: Duration) async throws -> String {
            while true {
                let line = try await line(within: limit)
                guard line == "PING" else { return line }
                try await send("PONG\r\n")
            }
        }

        /// Asks, and returns the first answer's text. While nobody is there to answer, it asks again: a leader that has just been
        /// elected is not there yet, and drops what comes while it is about to be. Or only its answer is late, on a busy machine: what is
        /// published has an id, by which the stream knows it again.
        func request(_ subject: String, _ text: String, id: String? = nil) async throws -> String {
            let header = id.map { "NATS/1.0\r\nNats-Msg-Id: \($0)\r\n\r\n" } ?? ""
            let sizes = (id == nil ? "" : "\(header.utf8.count) ") + "\(header.utf8.count + text.utf8.count)"
            let deadline = ContinuousClock.now + .seconds(60)
            while true {
                let inbox = NATSTestServer.uniqueName("_INBOX.")
                let message = "\(id == nil ? "PUB" : "HPUB") \(subject) \(inbox) \(sizes)\r\n\(header)\(text)\r\n"
                try await send("SUB \(inbox) 99\r\nUNSUB 99 1\r\n\(message)")
                let line: String
                do {
                    line = try await lineBetweenPings(within: .seconds(10))
                } catch is Failure where ContinuousClock.now < deadline {
                    try await send("UNSUB 99\r\n")
                    continue
                }
                let head = line.split(separator: " ")
                let count = try #require(head.last.flatMap { Int($0) }, "\(head)")
                let answer = String(decoding: try await bytes(count + 2), as: UTF8.self)
                if head.first == "MSG" { return answer }
                try #require(answer.hasPrefix("NATS/1.0 503") && ContinuousClock.now < deadline, "\(head) \(answer)")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
#endif
