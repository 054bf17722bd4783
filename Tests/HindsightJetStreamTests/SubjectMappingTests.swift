#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightTestSupport
    import Testing

    @Suite("Names of streams become subjects and come back", .timeLimit(.minutes(1)))
    struct SubjectMappingTests {
        private let mapping = SubjectMapping(prefix: "shop")

        private func stream(_ subject: String) -> StreamName? {
            Array(subject.utf8).withUnsafeBytes { mapping.stream(of: $0) }
        }

        @Test(arguments: [
            ("order-7", "shop.order.-7"), ("order-", "shop.order.-"), ("order", "shop.order.="), ("-7", "shop.=.-7"),
            ("-", "shop.=.-"), ("a-b-c", "shop.a.-b-c"), ("a.b-*", "shop.a%2Eb.-%2A"), ("=", "shop.%3D.="),
            ("straße-1 2", "shop.stra%C3%9Fe.-1%202"), ("100%-\u{1}", "shop.100%25.-%01"),
        ])
        func eachNameHasOneSubject(name: String, subject: String) {
            #expect(mapping.subject(of: StreamName(name)) == subject)
            #expect(stream(subject)?.rawValue == name)
        }

        @Test(arguments: [
            "", "shop", "shop.", "shop.a", "shop.a.", "shop..-1", "shop.a.1", "shop.a.-b.c", "other.a.-1",
            "shop.a-b.-1",
            "shop.a%2.-1", "shop.%61.-1", "shop.a%2e.-1", "shop.a.-%FF", "shop.a.==", "shop.%.=",
        ])
        func whatNoNameBecomesIsNone(subject: String) {
            #expect(stream(subject) == nil)
        }

        @Test func anyNameComesBackAndNoTwoShareASubject() {
            var generator = SeededGenerator(seed: 7)
            var subjects: [String: String] = [:]
            let letters = Array("aZ09_-=.*>% äß\u{0}\n😀")
            for _ in 0..<20_000 {
                let name = String(
                    (0..<Int.random(in: 1...6, using: &generator)).map { _ in letters.randomElement(using: &generator)!
                    })
                let subject = mapping.subject(of: StreamName(name))
                #expect(stream(subject).map { Array($0.rawValue.utf8) } == Array(name.utf8))
                #expect(subject.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
                #expect(subject.split(separator: ".", omittingEmptySubsequences: false).count == 3)
                let other = subjects.updateValue(name, forKey: subject)
                #expect(other == nil || other.map { Array($0.utf8) } == Array(name.utf8))
            }
        }
    }
#endif
