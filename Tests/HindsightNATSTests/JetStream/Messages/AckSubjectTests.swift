#if NATS
    import HindsightNATS
    import Testing

    @Suite("The subject that a message is acknowledged to", .timeLimit(.minutes(1)))
    struct AckSubjectTests {
        @Test(arguments: [
            "$JS.ACK.S.c_1.2.30.4.1795738194530384828.7", "$JS.ACK._.HASH.S.c_1.2.30.4.1795738194530384828.7",
            "$JS.ACK.hub.HASH.S.c_1.2.30.4.1795738194530384828.7.RANDOM",
            "$JS.ACK.hub.HASH.S.c_1.2.30.4.1795738194530384828.7.RANDOM.MORE",
        ])
        func saysWhereTheMessageIs(text: String) {
            let bytes = Array(text.utf8)
            let subject = bytes.withUnsafeBytes { AckSubject(parsing: $0) }
            #expect(subject.map { String(decoding: bytes[$0.stream], as: UTF8.self) } == "S")
            #expect(subject.map { String(decoding: bytes[$0.consumer], as: UTF8.self) } == "c_1")
            #expect(
                subject?.delivery
                    == JetStreamDelivery(
                        streamSequence: 30, consumerSequence: 4, deliveries: 2, pending: 7,
                        time: JetStreamTime(nanoseconds: 1_795_738_194_530_384_828)))
        }

        @Test(arguments: [
            "", "_INBOX.x", "$JS.ACK", "$JS.ACK.S.c.1.2.3.4", "$JS.ACK.S.c.1.2.3.4.x", "$JS.ACK.S.c.1.2.3..5",
            "$JS.ACK.h.S.c.1.2.3.4.5", "$JS.ACK.S.c.1.2.3.123456789012345678901.5",
        ])
        func isNothingElse(text: String) {
            #expect(Array(text.utf8).withUnsafeBytes { AckSubject(parsing: $0) } == nil)
        }
    }
#endif
