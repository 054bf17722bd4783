#if NATS
    import HindsightTestSupport
    import Testing

    /// The server's side of JetStream on a scripted connection: it knows what was subscribed to, and answers as it is told.
    final class ScriptedJetStream {
        private let connection: ScriptedNATSConnection
        private var subscriptions: [(subject: String, sid: String)] = []
        /// How many consumers were made.
        private(set) var consumers = 0

        init(_ connection: ScriptedNATSConnection) {
            self.connection = connection
        }

        /// A request of the client.
        struct Request {
            let subject: String
            let reply: String
            let headers: String?
            let payload: String

            /// The operation of the API, with its arguments.
            var operation: String { subject.replacing("$JS.API.", with: "") }
            /// The last part of the subject.
            var name: String { String(subject.split(separator: ".").last ?? "") }

            /// The number behind a member of the payload.
            func number(_ member: String) -> Int? {
                guard let start = payload.firstRange(of: "\"\(member)\":") else { return nil }
                return Int(payload[start.upperBound...].prefix { $0.isNumber })
            }
        }

        /// Greets, and hands over each request until the client has closed.
        func serve(_ handle: (Request) async throws -> Void) async throws {
            try await connection.greet()
            try await connection.serveUntilClosed { operation in
                switch operation {
                case .subscribe(let subject, _, let sid): self.subscriptions.append((subject, sid))
                case .publish(let subject, let reply?, let headers, let payload):
                    let request = Request(subject: subject, reply: reply, headers: headers, payload: payload)
                    // What a reading leaves behind is deleted without anybody waiting for it.
                    if request.operation.hasPrefix("CONSUMER.DELETE") {
                        try await self.answer(request, #"{"success":true}"#)
                    } else {
                        try await handle(request)
                    }
                case .connect, .ping, .pong, .unsubscribe, .publish: break
                }
            }
        }

        private func sid(of reply: String) throws -> String {
            let found = subscriptions.last { subject, _ in
                subject == reply || (subject.hasSuffix("*") && reply.hasPrefix(subject.dropLast()))
            }
            return try #require(found?.sid)
        }

        /// Answers with text, or with a status.
        func answer(_ request: Request, _ text: String = "", status: String? = nil) async throws {
            let headers = status.map { "NATS/1.0 \($0)\r\n\r\n" }
            let sid = try sid(of: request.reply)
            // A client that has closed meanwhile ends ``serve(_:)``.
            try? await connection.sendMessage(request.reply, sid: sid, headers: headers, text)
        }

        /// Answers that the consumer is made, as it was asked for if nothing else is given.
        func createConsumer(_ request: Request, pending: Int = 0, config: String? = nil) async throws {
            consumers += 1
            let asked = request.payload.firstRange(of: "\"config\":").map { range in
                // The object behind the name, up to the brace that closes it.
                var depth = 0
                var text = ""
                for character in request.payload[range.upperBound...] {
                    text.append(character)
                    if character == "{" { depth += 1 }
                    if character == "}" { depth -= 1 }
                    if depth == 0 { break }
                }
                return text
            }
            let echo = try #require(config ?? asked)
            try await answer(
                request,
                #"{"stream_name":"S","name":"\#(request.name)","config":\#(echo),"num_pending":\#(pending),"#
                    + #""delivered":{"consumer_seq":0,"stream_seq":0}}"#)
        }

        /// Delivers a message of a consumer.
        func deliver(
            _ request: Request, stream: Int, consumer: Int, pending: Int = 9, of name: String? = nil
        ) async throws {
            let sid = try sid(of: request.reply)
            // A client that has closed meanwhile ends ``serve(_:)``.
            try? await connection.sendMessage(
                "s.x", sid: sid,
                reply: "$JS.ACK.S.\(name ?? request.name).1.\(stream).\(consumer).1795738194530384828.\(pending)",
                "\(stream)")
        }
    }
#endif
