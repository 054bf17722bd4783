#if Macros
    import SwiftSyntaxMacrosGenericTestSupport
    import Testing

    @Suite("What @View refuses", .timeLimit(.minutes(1)))
    @MainActor  // a parser that is built for debugging needs more stack than other threads have
    struct ViewRefusalTests {
        @Test(
            "A row is a struct",
            arguments: [("class", "a class"), ("enum", "an enum"), ("actor", "an actor"), ("protocol", "a protocol")])
        func kinds(_ keyword: String, _ kind: String) {
            Expansion.expectRefusal(
                """
                @View
                \(keyword) Order {
                }
                """,
                DiagnosticSpec(
                    message: "'Order' is \(kind), and a row of a view is a plain value: make it a struct", line: 2,
                    column: 1))
        }

        @Test("A row is not generic, nor in a generic type")
        func generics() {
            Expansion.expectRefusal(
                """
                @View
                struct Order<ID> {
                    @Key var id: ID
                }
                """,
                DiagnosticSpec(
                    message:
                        "'Order' is generic, and a view is one table: write a struct for each view, with the types that its columns have",
                    line: 2, column: 13))
            Expansion.expectRefusal(
                """
                enum Shop<ID> {
                    @View
                    struct Order {
                        @Key var id: Int
                    }
                }
                """,
                DiagnosticSpec(
                    message: "'Order' stands in the generic type 'Shop', where a table cannot be stored: move it out",
                    line: 3, column: 12))
        }

        @Test("A row that is private in another type is hidden from its conformance")
        func hidden() {
            Expansion.expectRefusal(
                """
                enum Shop {
                    @View
                    private struct Order {
                        @Key var id: Int
                    }
                }
                """,
                DiagnosticSpec(
                    message:
                        "'Order' is private in another type, where the conformance that a macro adds cannot see it: make it 'fileprivate'",
                    line: 3, column: 5, fixIts: [FixItSpec(message: "make it 'fileprivate'")]),
                fixIts: ["make it 'fileprivate'"],
                fixed: """
                    enum Shop {
                        @View
                        fileprivate struct Order {
                            @Key var id: Int
                        }
                    }
                    """)
        }

        @Test("A table of one's own is not declared twice")
        func ownTable() {
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                    @Key var id: Int
                    static let table = 1
                }
                """,
                DiagnosticSpec(
                    message:
                        "@View declares 'table': remove this one, or remove '@View' and declare the row without it",
                    line: 4, column: 16))
        }

        @Test("A view has a key")
        func noKey() {
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                    // The number.
                    var id: Int = 0
                }
                """,
                DiagnosticSpec(
                    message: "'Order' has no key: mark the stored property by which a row is found with '@Key'",
                    line: 2,
                    column: 8, fixIts: [FixItSpec(message: "mark 'id' with '@Key'")]),
                fixIts: ["mark 'id' with '@Key'"],
                fixed: """
                    @View
                    struct Order {
                        // The number.
                        @Key var id: Int = 0
                    }
                    """)
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                }
                """,
                DiagnosticSpec(
                    message: "'Order' has no key: mark the stored property by which a row is found with '@Key'",
                    line: 2,
                    column: 8))
        }

        @Test("A view has no more than two keys")
        func thirdKey() {
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                    @Key var day: Day
                    @Key var country: String
                    @Key var city: String
                }
                """,
                DiagnosticSpec(
                    message:
                        "'city' is a third key, and a view has one or two: mark those by which a row is found, or join several in a type of your own that is a 'ViewValue'",
                    line: 5, column: 5))
        }

        @Test("A key is never null")
        func optionalKey() {
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                    @Key var id: Int?
                }
                """,
                DiagnosticSpec(
                    message: "'id' is optional, and a key is never null: remove the '?', or choose another key",
                    line: 3,
                    column: 18))
        }

        @Test("A view's name fits into PostgreSQL's names with what the engine appends, and is a literal")
        func viewNames() {
            let long = String(repeating: "x", count: 49)
            for name in ["", long] {
                Expansion.expectRefusal(
                    """
                    @View("\(name)")
                    struct Order {
                        @Key var id: Int
                    }
                    """,
                    DiagnosticSpec(
                        message:
                            "the view's name '\(name)' has \(name.count) bytes, and 1 to 48 are allowed: give it another one, '@View(\"name\")'",
                        line: 1, column: 7))
            }
            Expansion.expectRefusal(
                #"""
                @View("\(prefix)_order")
                struct Order {
                    @Key var id: Int
                }
                """#,
                DiagnosticSpec(
                    message: "the name of a view is a string literal without interpolation", line: 1, column: 7))
        }

        @Test("New rows can be made when the struct has an initializer of its own")
        func initializers() {
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                    @Key var id: Int
                    var lines = 0
                    init(id: Int, lines: Int) { self.id = id }
                    init?(id: Int) { nil }
                }
                """,
                DiagnosticSpec(
                    message:
                        "new rows are made with 'init(id:)', which 'Order' no longer has since it declares an initializer of its own: move that into an extension, or declare 'init(id:)' too",
                    line: 5, column: 5))
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                    @Key var id = 0
                    init(_ id: Int) { self.id = id }
                }
                """,
                DiagnosticSpec(
                    message:
                        "new rows are made with 'init()', which 'Order' no longer has since it declares an initializer of its own: move that into an extension, or declare 'init()' too",
                    line: 4, column: 5))
        }
    }
#endif
