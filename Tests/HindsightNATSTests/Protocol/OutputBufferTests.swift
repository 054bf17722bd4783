#if NATS
    import HindsightNATS
    import NIOCore
    import Testing

    @Suite("What is to be sent", .timeLimit(.minutes(1)))
    struct OutputBufferTests {
        private func publish(
            _ subject: String, _ payload: String, reply: OutputBuffer.Reply = .none, headers: NATSHeaders = [:],
            to buffer: inout OutputBuffer
        ) {
            let size = headers.isEmpty ? 0 : headers.encodedCount
            Array(payload.utf8).withUnsafeBytes {
                buffer.publish(subject: subject, reply: reply, headers: headers, headerSize: size, payload: $0)
            }
        }

        private func text(_ buffer: OutputBuffer) -> String { String(buffer: buffer.bytes) }

        @Test func writesMessages() {
            var buffer = OutputBuffer()
            publish("a.b", "hello", to: &buffer)
            publish("a", "", reply: .subject("r.s"), to: &buffer)
            publish("a", "x", headers: ["One": "1", "Two": "zwei"], to: &buffer)
            publish("a", "x", reply: .subject("r"), headers: ["K": ""], to: &buffer)
            #expect(
                text(buffer) == """
                    PUB a.b 5\r\nhello\r\nPUB a r.s 0\r\n\r\n\
                    HPUB a 31 32\r\nNATS/1.0\r\nOne: 1\r\nTwo: zwei\r\n\r\nx\r\n\
                    HPUB a r 17 18\r\nNATS/1.0\r\nK: \r\n\r\nx\r\n
                    """)
            #expect(buffer.messages == 4)
            #expect(buffer.largest == 32)
        }

        @Test(
            "13.19: what was published and not yet written is kept whole when the connection is lost, and nothing else is"
        )
        func keepsMessages() throws {
            var buffer = OutputBuffer()
            publish("lost", "in the network", to: &buffer)
            #expect(buffer.takeAll() != nil)
            #expect(buffer.position == 1)
            buffer.command("SUB a 1\r\n")
            publish("a", "PUB b 3\r\n\r\nSUB x 7\r\n", to: &buffer)
            buffer.command("PING\r\n")
            publish("b", "", headers: ["H": "PUB c 1"], to: &buffer)
            buffer.command("UNSUB 1\r\n")
            buffer.connectionLost()
            #expect(
                text(buffer)
                    == "PUB a 20\r\nPUB b 3\r\n\r\nSUB x 7\r\n\r\nHPUB b 24 24\r\nNATS/1.0\r\nH: PUB c 1\r\n\r\n\r\n")
            #expect(buffer.position == 2)
            #expect(buffer.size == buffer.bytes.readableBytes)
            buffer.prepend("SUB a 1\r\n")
            #expect(text(buffer).hasPrefix("SUB a 1\r\nPUB a 20\r\n"))
        }

        @Test("13.34: messages that are too large for the next server are counted, and the others stay")
        func dropsLargeOnes() {
            var buffer = OutputBuffer()
            publish("a", "12345", to: &buffer)
            publish("b", "123456", to: &buffer)
            publish("c", "1", headers: ["A": "b"], to: &buffer)
            #expect(buffer.keepMessages(ofAtMost: 5) == 2)
            #expect(text(buffer) == "PUB a 5\r\n12345\r\n")
            #expect(buffer.largest == 5)
            #expect(buffer.messages == 1)
        }

        @Test func asksForOneFlush() {
            var buffer = OutputBuffer()
            let withoutAnything = buffer.scheduleFlush()
            #expect(!withoutAnything)
            buffer.command("PING\r\n")
            let (first, second) = (buffer.scheduleFlush(), buffer.scheduleFlush())
            #expect(first && !second)
            #expect(buffer.takeAll()?.readableBytes == 6)
            #expect(buffer.size == 6)
            buffer.command("PING\r\n")
            let afterwards = buffer.scheduleFlush()
            #expect(afterwards)
            buffer.complete(6)
            #expect(buffer.size == 6)
            #expect(buffer.takeAll() != nil)
            #expect(buffer.takeAll() == nil)
        }
    }
#endif
