#if NATS
    import HindsightJetStream
    import HindsightNATS
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("The chain of a mirror's messages", .timeLimit(.minutes(1)))
    struct MirrorChainTests {
        private static let refused = JetStreamError(.wrongLastSequence, "wrong last sequence: 7")
        private static let lost = JetStreamError(.timedOut, "no answer")

        private static func verdict(_ chain: inout MirrorChain) -> String {
            switch chain.verdict() {
            case .unbroken: "unbroken"
            case .startOver: "start over"
            case .contested: "contested"
            case .failed: "failed"
            }
        }

        /// A chain with so many messages on their way.
        private static func chain(_ count: Int, after last: Int64 = 0) -> MirrorChain {
            var chain = MirrorChain(after: last)
            for place in 0..<Int64(count) {
                let expected = chain.admit()
                #expect(expected == last + place)
            }
            return chain
        }

        @Test func admitsNothingBehindWhatWasNotStored() {
            var chain = Self.chain(3)
            let isFirst = chain.settle(2, .failure(Self.refused))
            let more = chain.admit()
            #expect(isFirst && chain.isBroken && more == nil)
            // It is told once.
            let isAgain = chain.settle(1, .failure(Self.refused))
            #expect(!isAgain)
            chain.startOver(after: 9)
            let next = chain.admit()
            #expect(next == 9 && !chain.isBroken)
        }

        @Test func isNotContestedWhereAMessageWasLost() {
            var chain = Self.chain(3)
            // What stood behind it is answered first.
            _ = chain.settle(1, .failure(Self.refused))
            _ = chain.settle(2, .failure(Self.refused))
            _ = chain.settle(0, .failure(Self.lost))
            for _ in 0..<3 {
                let verdict = Self.verdict(&chain)
                #expect(verdict == "start over")
            }
            // It may have been stored after the end was looked for.
            chain.startOver(after: 0)
            _ = chain.admit()
            _ = chain.settle(0, .failure(Self.refused))
            let verdict = Self.verdict(&chain)
            #expect(verdict == "start over")
        }

        @Test func isContestedWhereOthersAreFirstAgainAndAgain() {
            var chain = Self.chain(0)
            var verdicts: [String] = []
            for last in Int64(0)..<3 {
                chain.startOver(after: last)
                _ = chain.admit()
                _ = chain.settle(last, .failure(Self.refused))
                verdicts.append(Self.verdict(&chain))
            }
            #expect(verdicts == ["start over", "start over", "contested"])
        }

        @Test func failsWithWhatCannotSucceed() {
            var chain = Self.chain(1)
            _ = chain.settle(0, .failure(JetStreamError(.messageTooLarge, "too large")))
            var whole = Self.chain(0)
            let verdicts = [Self.verdict(&chain), Self.verdict(&whole)]
            #expect(verdicts == ["failed", "unbroken"])
        }

        @Test func anOriginIsReadAsItIsWritten() throws {
            let origin = EventOrigin(log: UUID(), position: 42)
            #expect(EventOrigin(header: origin.header) == origin)
            for text in ["", "42", "\(origin.log) 0", "\(origin.log)  42", "\(origin.log) 42 ", "x 42"] {
                #expect(EventOrigin(header: text) == nil)
            }
        }
    }
#endif
