#if NATS
    import HindsightNATS
    import Testing

    @Suite("Publish acks", .timeLimit(.minutes(1)))
    struct PublishAckScannerTests {
        private func ack(_ text: String) -> PublishAck? {
            Array(text.utf8).withUnsafeBytes { PublishAckScanner.ack(in: $0) }
        }

        @Test func areReadInEveryForm() {
            #expect(ack(#"{"stream":"S","seq":3}"#)?.sequence == 3)
            #expect(ack(" { \"seq\" : 3 ,\n\t\"stream\" : \"S\" } \r\n")?.stream == "S")
            let all = ack(
                #"{"stream":"ORDERS","domain":"hub","seq":18446744073709551615,"duplicate":true,"batch":"b","count":1000}"#
            )
            #expect(all?.sequence == .max)
            #expect(all?.isDuplicate == true)
            #expect(all?.domain == "hub")
            #expect(all?.batchID == "b")
            #expect(all?.batchCount == 1000)
            #expect(ack(#"{"stream":"S","seq":3,"duplicate":false}"#)?.isDuplicate == false)
        }

        @Test func passOverWhatTheyDoNotKnow() {
            let unknown = #"{"val":"\"}","x":[1,-2.5e3,{"y":null,"z":[]},true,false],"stream":"S","o":{},"seq":3}"#
            #expect(ack(unknown)?.sequence == 3)
        }

        @Test(arguments: [
            "", "{}", "null", #"{"stream":"S"}"#, #"{"seq":3}"#, #"{"stream":"S","seq":0}"#, #"{"stream":"S","seq":3"#,
            #"{"stream":"S","seq":3}x"#, #"{"stream":"S","seq":3,}"#, #"{"stream":"S","seq":03}"#,
            #"{"stream":"S","seq":3.5}"#, #"{"stream":"S","seq":-3}"#, #"{"stream":"S","seq":18446744073709551616}"#,
            #"{"stream":"S\n","seq":3}"#, #"{"stream":"S","seq":"3"}"#, #"{"stream":"S","seq":3,"x":[1}"#,
            #"{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 4"},"stream":"S","seq":0}"#,
        ])
        func areNothingElse(text: String) {
            #expect(ack(text) == nil)
        }

        @Test func survivesAnyBytes() {
            var random = SystemRandomNumberGenerator()
            let sample = Array(#"{"stream":"S","seq":3,"duplicate":true,"x":[{"y":"\\"}]}"#.utf8)
            for _ in 0..<20_000 {
                var bytes = sample
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0 ... .max, using: &random)
                }
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
                _ = bytes.withUnsafeBytes { PublishAckScanner.ack(in: $0) }
            }
        }
    }
#endif
