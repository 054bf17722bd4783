#if NATS
    import Foundation
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("The end of the process", .timeLimit(.minutes(1)))
    struct ProcessEndTests {
        @Test("A process ends well while threads of it still sign")
        func whileSigning() async {
            await #expect(processExitsWith: .success) {
                let key = try SigningKey(seed: TestNKey().seed, source: "a test")
                // Called after what libraries do at the end, which leaves the threads time to come upon it.
                atexit { usleep(100_000) }
                for _ in 0..<2 {
                    Thread.detachNewThread { while true { _ = try? key.sign("a nonce") } }
                }
                usleep(50_000)
                exit(EXIT_SUCCESS)
            }
        }
    }
#endif
