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

        private static let run = UUID(uuidString: "01900000-0000-7000-8000-000000000002")!
        private static let older = UUID(uuidString: "01900000-0000-7000-8000-000000000001")!
        private static let younger = UUID(uuidString: "01900000-0000-7000-8000-000000000003")!

        private static func verdict(_ chain: MirrorChain) -> String {
            switch chain.verdict() {
            case .unbroken: "unbroken"
            case .startOver: "start over"
            case .failed: "failed"
            }
        }

        /// A chain with so many messages on their way.
        private static func chain(_ count: Int, after last: Int64 = 0) -> MirrorChain {
            var chain = MirrorChain(of: run)
            let goesOn = chain.startOver(after: last, by: nil)
            #expect(goesOn)
            for place in 0..<Int64(count) {
                let expected = chain.admit()
                #expect(expected == last + place)
            }
            return chain
        }

        /// Whether the mirror goes on, each time that one after the other of these was first.
        private static func goesOn(_ writers: [UUID?]) -> [Bool] {
            var chain = Self.chain(0)
            return writers.enumerated().map { index, writer in
                let last = Int64(index)
                _ = chain.startOver(after: last, by: run)
                _ = chain.admit()
                _ = chain.settle(last, .failure(refused))
                return chain.startOver(after: last + 1, by: writer)
            }
        }

        @Test func admitsNothingBehindWhatWasNotStored() {
            var chain = Self.chain(3)
            let isFirst = chain.settle(2, .failure(Self.refused))
            let more = chain.admit()
            #expect(isFirst && chain.isBroken && more == nil)
            // It is told once.
            let isAgain = chain.settle(1, .failure(Self.refused))
            #expect(!isAgain)
            let goesOn = chain.startOver(after: 9, by: Self.run)
            let next = chain.admit()
            #expect(goesOn && next == 9 && !chain.isBroken)
        }

        @Test func startsOverWhereAMessageWasLost() {
            var chain = Self.chain(3)
            // What stood behind it is answered first.
            _ = chain.settle(1, .failure(Self.refused))
            _ = chain.settle(2, .failure(Self.refused))
            _ = chain.settle(0, .failure(Self.lost))
            #expect(Self.verdict(chain) == "start over")
            let goesOn = chain.startOver(after: 0, by: Self.older)
            #expect(goesOn)
        }

        @Test func givesUpForAnOlderMirrorAndForNoOther() {
            #expect(Self.goesOn([Self.older, Self.older, Self.older]) == [true, true, false])
            #expect(Self.goesOn([nil, Self.older, nil]) == [true, true, false])
            #expect(Self.goesOn(Array(repeating: Self.younger, count: 10)).allSatisfy { $0 })
            #expect(Self.goesOn(Array(repeating: Self.run, count: 10)).allSatisfy { $0 })
        }

        @Test func failsWithWhatCannotSucceed() {
            var chain = Self.chain(1)
            _ = chain.settle(0, .failure(JetStreamError(.messageTooLarge, "too large")))
            #expect([Self.verdict(chain), Self.verdict(Self.chain(0))] == ["failed", "unbroken"])
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
