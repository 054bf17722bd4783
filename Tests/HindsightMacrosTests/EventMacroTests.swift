#if Macros
    import SwiftSyntaxMacrosGenericTestSupport
    import Testing

    @Suite("@Event", .timeLimit(.minutes(1)))
    @MainActor  // a parser that is built for debugging needs more stack than other threads have
    struct EventMacroTests {
        @Test("An event is one by its conformance")
        func conformance() {
            Expansion.expect(
                """
                @Event
                struct OrderPlaced {
                    var customer: String
                }
                """,
                """
                struct OrderPlaced {
                    var customer: String
                }

                nonisolated extension OrderPlaced: HindsightLog.Event {
                }
                """)
        }

        @Test("Name and version are members, as accessible as the type")
        func nameAndVersion() {
            Expansion.expect(
                """
                @Event("OrderPlaced", version: 2)
                public enum Placed {
                    case online, atTheCounter
                }
                """,
                """
                public enum Placed {
                    case online, atTheCounter

                    public nonisolated static var eventType: Swift.String {
                        "OrderPlaced"
                    }

                    public nonisolated static var schemaVersion: Swift.Int {
                        2
                    }
                }

                nonisolated extension Placed: HindsightLog.Event {
                }
                """)
        }

        @Test(
            "An event is a value",
            arguments: [("class", "a class"), ("actor", "an actor"), ("protocol", "a protocol")])
        func kinds(_ keyword: String, _ kind: String) {
            Expansion.expectRefusal(
                """
                @Event
                \(keyword) OrderPlaced {
                }
                """,
                DiagnosticSpec(
                    message: "'OrderPlaced' is \(kind), and an event is a plain value: make it a struct", line: 2,
                    column: 1))
        }

        @Test("Versions count from 1; a name is a literal and not empty")
        func arguments() {
            for version in ["0", "-1"] {
                Expansion.expectRefusal(
                    """
                    @Event(version: \(version))
                    struct OrderPlaced {
                    }
                    """,
                    DiagnosticSpec(message: "the versions of 'OrderPlaced' count from 1", line: 1, column: 17))
            }
            Expansion.expectRefusal(
                """
                @Event("")
                struct OrderPlaced {
                }
                """, DiagnosticSpec(message: "the name of an event type is not empty", line: 1, column: 8))
            Expansion.expectRefusal(
                """
                @Event(name)
                struct OrderPlaced {
                }
                """,
                DiagnosticSpec(
                    message: "the name of an event type is a string literal without interpolation", line: 1, column: 8))
        }

        @Test("What the attribute says is not said again")
        func twice() {
            Expansion.expectRefusal(
                """
                @Event("A", version: 2)
                struct OrderPlaced {
                    static let eventType = "B"
                    static var schemaVersion: Int { 3 }
                }
                """,
                DiagnosticSpec(
                    message: "@Event declares 'eventType' with what it is given: remove one of the two", line: 3,
                    column: 16),
                DiagnosticSpec(
                    message: "@Event declares 'schemaVersion' with what it is given: remove one of the two", line: 4,
                    column: 16))
        }
    }
#endif
