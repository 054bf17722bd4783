#if NATS
    import HindsightNATS
    import Testing

    @Suite("What a server says instead of a message", .timeLimit(.minutes(1)))
    struct PullStatusTests {
        private func status(_ headers: String) -> PullStatus? {
            Array("NATS/1.0\(headers)\r\n".utf8).withUnsafeBytes { PullStatus(parsing: $0) }
        }

        @Test func isUnderstood() {
            #expect(
                status(" 100 Idle Heartbeat\r\nNats-Last-Consumer: 4\r\nNats-Last-Stream: 5\r\n")
                    == .heartbeat(lastConsumerSequence: 4))
            #expect(status(" 100 Idle Heartbeat\r\n") == .heartbeat(lastConsumerSequence: nil))
            #expect(
                status(" 408 Request Timeout\r\nNats-Pending-Messages: 8\r\nNats-Pending-Bytes: 99\r\n")
                    == .ended(left: PullAmount(messages: 8, bytes: 99)))
            #expect(status(" 408 Request Timeout\r\n") == .ended(left: nil))
            #expect(
                status(" 409 Batch Completed\r\nNats-Pending-Messages: 0\r\nNats-Pending-Bytes: 3\r\n")
                    == .ended(left: PullAmount(messages: 0, bytes: 3)))
            #expect(
                status(" 409 Message Size Exceeds MaxBytes\r\nNats-Pending-Messages: 1\r\nNats-Pending-Bytes: 3\r\n")
                    == .tooLarge(left: PullAmount(messages: 1, bytes: 3)))
            #expect(status("  409   Consumer Deleted \r\n") == .deleted)
            #expect(status(" 409 Leadership Change\r\n") == .interrupted("Leadership Change"))
            #expect(status(" 409 Server Shutdown\r\n") == .interrupted("Server Shutdown"))
            #expect(status(" 404 No Messages\r\n") == .noMessages)
            #expect(status(" 503\r\nNats-Subject: x\r\n") == .noResponders)
            #expect(
                status(" 409 Exceeded MaxRequestBatch of 5\r\n") == .refused("409 Exceeded MaxRequestBatch of 5"))
            #expect(status("\r\nOwn: 1\r\n") == nil)
        }

        @Test func requestsAreJSON() {
            let all = PullRequest(
                amount: PullAmount(messages: 5, bytes: 7), expires: .seconds(30), heartbeat: .milliseconds(500))
            #expect(
                all.payload == #"{"batch":5,"max_bytes":7,"expires":30000000000,"idle_heartbeat":500000000}"#)
            let now = PullRequest(amount: PullAmount(messages: 1, bytes: nil), expires: nil, heartbeat: nil)
            #expect(now.payload == #"{"batch":1,"no_wait":true}"#)
        }
    }
#endif
