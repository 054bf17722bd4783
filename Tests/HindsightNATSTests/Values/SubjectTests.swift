#if NATS
    import HindsightNATS
    import Testing

    @Suite("Subjects, 13.35", .timeLimit(.minutes(1)))
    struct SubjectTests {
        @Test(
            "13.35: a message can be published to these",
            arguments: ["a", "a.b.c", "a>b", "a*", "*a.b>", "a.ü", "$JS.API", "_-%"])
        func literal(_ subject: String) throws {
            try NATSSubject(subject).checkLiteral()
            try NATSSubject(subject).checkFilter()
        }

        @Test("13.35: these can only be subscribed to", arguments: ["*", ">", "a.*", "a.>", "*.*.>", "a.*.b"])
        func wildcard(_ subject: String) throws {
            try NATSSubject(subject).checkFilter()
            let error = #expect(throws: NATSError.self) { try NATSSubject(subject).checkLiteral() }
            #expect(error?.code == .invalidSubject)
        }

        @Test(
            "13.35: nothing that would be read as a command, or that is no subject, gets into the protocol",
            arguments: [
                "", ".", "a.", ".a", "a..b", "a b", "a\tb", "a\r\nPUB b 0\r\n", "a\n", "\u{0}", "a\u{7F}", ">.a",
                "a.>.b", " a",
                "a ", "a\u{1}b",
            ])
        func invalid(_ subject: String) throws {
            for check in [NATSSubject.checkLiteral, NATSSubject.checkFilter] {
                let error = #expect(throws: NATSError.self) { try check(NATSSubject(subject))() }
                #expect(error?.code == .invalidSubject)
                #expect(error?.description.contains("\n") == false)
            }
        }

        @Test func areComparedByBytes() {
            #expect(NATSSubject("caf\u{E9}") != NATSSubject("cafe\u{301}"))
            #expect(Set([NATSSubject("a"), NATSSubject("a"), "b"]).count == 2)
            #expect("\(NATSSubject("a.b"))" == "a.b")
        }
    }
#endif
