#if NATS
    import HindsightJetStream
    import Testing

    @Suite("4.7 What a leader says is missing")
    struct SuspicionTests {
        private let start = ContinuousClock.now
        private let suspicions = Suspicions(confirmationTime: .seconds(10))

        private func isConfirmed(_ position: Int64 = 7, by testimony: Testimony = .majority, after seconds: Int) -> Bool
        {
            suspicions.isConfirmed(position, by: testimony, now: start + .seconds(seconds))
        }

        @Test func isBelievedWhenAMajorityRepeatsItForLongEnough() {
            #expect(!isConfirmed(after: 0))
            #expect(!isConfirmed(8, after: 9))
            #expect(!isConfirmed(after: 9))
            #expect(isConfirmed(after: 10))
            #expect(!isConfirmed(8, after: 10))
        }

        @Test func isBelievedAtOnceOfTheOnlyServer() {
            #expect(isConfirmed(by: .onlyServer, after: 0))
        }

        @Test(arguments: [Testimony.minority, .holdsIt])
        func beginsAnewWhenItIsContradicted(testimony: Testimony) {
            #expect(!isConfirmed(after: 0))
            #expect(!isConfirmed(by: testimony, after: 5))
            #expect(!isConfirmed(after: 12))
            #expect(isConfirmed(after: 22))
        }

        @Test func beginsAnewWhenTheEventWasSeen() {
            #expect(!isConfirmed(after: 0))
            suspicions.clear(7)
            #expect(!isConfirmed(after: 12))
        }

        @Test("two short lags, a day apart, are not a long one")
        func ages() {
            #expect(!isConfirmed(after: 0))
            #expect(!isConfirmed(after: 86_400))
            #expect(isConfirmed(after: 86_410))
        }

        @Test("a reader that takes long from one attempt to the next comes to an end all the same")
        func outlivesThePausesOfReaders() {
            let suspicions = Suspicions(confirmationTime: .seconds(10), pause: .seconds(90))
            #expect(!suspicions.isConfirmed(7, by: .majority, now: start))
            #expect(suspicions.isConfirmed(7, by: .majority, now: start + .seconds(90)))
        }

        @Test func remembersABoundedNumber() {
            for position in 0..<20_000 { #expect(!isConfirmed(Int64(position), after: 0)) }
            #expect(isConfirmed(0, after: 10))
            // There was no room for it, and is not until the others are old.
            #expect(!isConfirmed(19_999, after: 20))
            #expect(!isConfirmed(19_999, after: 200))
            #expect(isConfirmed(19_999, after: 210))
        }
    }
#endif
