#if Macros
    import SwiftSyntaxMacrosGenericTestSupport
    import Testing

    @Suite("Properties that @View refuses", .timeLimit(.minutes(1)))
    @MainActor  // a parser that is built for debugging needs more stack than other threads have
    struct PropertyRefusalTests {
        /// Expects that a row with a key and another property is refused.
        ///
        /// - Parameters:
        ///   - property: its lines.
        ///   - column: where in the first of them the message points.
        ///   - fixed: the property after the first fix-it.
        private func expectRefusal(
            _ property: String, _ message: String, column: Int = 5, fixIts: [String] = [], fixed: String? = nil,
            at location: SourceLocation = #_sourceLocation
        ) {
            func row(_ property: String) -> String {
                """
                @View
                struct Order {
                    @Key var id = 0
                    \(property)
                }
                """
            }
            Expansion.expectRefusal(
                row(property),
                DiagnosticSpec(
                    message: message, line: 4, column: column, fixIts: fixIts.map { FixItSpec(message: $0) }),
                fixIts: fixed == nil ? nil : fixIts.first.map { [$0] }, fixed: fixed.map(row), at: location)
        }

        @Test(
            "A new row has a value for each property",
            arguments: [
                ("Int", "0"), ("ExactDecimal", "0"), ("String", "\"\""), ("Bool", "false"), ("[String]", "[]"),
                ("Day", "Day(daysSince1970: 0)"), ("Timestamp", "Timestamp(microsecondsSince1970: 0)"),
            ])
        func noValue(_ type: String, _ value: String) {
            expectRefusal(
                "var lines: \(type) // how many",
                "'lines' needs the value that a new row begins with, such as '= \(value)'; or make it optional, '\(type)?'",
                column: 9, fixIts: ["begin with '\(value)'", "make it optional"],
                fixed: "var lines: \(type) = \(value) // how many")
        }

        @Test("Where no value is plain, the message names none")
        func noPlainValue() {
            expectRefusal(
                "var status: Status",
                "'status' needs the value that a new row begins with; or make it optional, 'Status?'", column: 9,
                fixIts: ["begin with '<#value#>'", "make it optional"], fixed: "var status: Status = <#value#>")
            expectRefusal(
                "var a: Int = 1, b: Int",
                "'b' needs the value that a new row begins with, such as '= 0'; or make it optional, 'Int?'", column: 21
            )
        }

        @Test("A column is not a constant")
        func constants() {
            expectRefusal(
                "let lines = 0",
                "'lines' is a constant, and a row is filled with what its table holds: make it a 'var'",
                fixIts: ["make it a 'var'"], fixed: "var lines = 0")
        }

        @Test("A column is stored as itself: neither lazy nor wrapped nor observed")
        func storage() {
            expectRefusal(
                "lazy var lines = 0",
                "'lines' is lazy, and a column has a value at all times: remove 'lazy', or compute it")
            expectRefusal(
                "@Clamped var lines = 0",
                "'lines' has '@Clamped', and a column is a plain stored property: remove the attribute; a type of your own that is a 'ViewValue' can do what a property wrapper does"
            )
            expectRefusal(
                "var lines = 0 { didSet { print(lines) } }",
                "'lines' has observers, which would not run when a row is filled with what its table holds: remove them, and do in the fold what they do",
                column: 9)
        }

        @Test("A column is one value")
        func tuples() {
            expectRefusal(
                "var (a, b) = (1, 2)",
                "'(a, b)' declares several properties at once: declare each with a 'var' of its own, so that each is a column",
                column: 9)
            expectRefusal(
                "var place: (Int, Int) = (1, 2)",
                "'place' is a tuple, which no column holds: declare a property for each part, or a 'ViewJSON' struct",
                column: 9)
        }

        @Test("A view has the same columns in each build")
        func conditions() {
            Expansion.expectRefusal(
                """
                @View
                struct Order {
                    @Key var id = 0
                    #if DEBUG
                    static let isShown = true
                    var notes = ""
                    #endif
                }
                """,
                DiagnosticSpec(
                    message:
                        "'notes' is stored in some builds only, and the columns of a view are the same in all: move it out of the '#if', or declare a struct for each build",
                    line: 6, column: 5))
        }

        @Test("What has no column has no marks")
        func marksOfOthers() {
            expectRefusal(
                "@Column(\"n\") static var lines = 0",
                "'lines' is static and has no column: remove '@Column', or make it a stored property")
            expectRefusal(
                "@Index var lines: Int { 1 }",
                "'lines' is computed and has no column: remove '@Index', or make it a stored property")
        }

        @Test("Marks stand in a row")
        func marksElsewhere() {
            Expansion.expectRefusal(
                """
                struct Order {
                    @Key var id = 0
                }
                """,
                DiagnosticSpec(
                    message: "'@Key' marks a row's properties: put '@View' before their struct, or remove this",
                    line: 2,
                    column: 5))
        }

        @Test("A column has a name of its own, which PostgreSQL can hold whole")
        func names() {
            let long = String(repeating: "x", count: 64)
            expectRefusal(
                "@Column(\"\(long)\") var lines = 0",
                "the column's name '\(long)' has 64 bytes, and 1 to 63 are allowed: give it another one, '@Column(\"name\")'",
                column: 13)
            expectRefusal(
                "@Column(\"\\(name)\") var lines = 0",
                "the name of a column is a string literal without interpolation", column: 13)
            expectRefusal(
                "@Column(\"id\") var lines = 0",
                "'lines' and 'id' have columns of the same name, 'id': give one another, '@Column(\"name\")'",
                column: 23)
        }

        @Test("Digits are those of an exact decimal, and possible")
        func digits() {
            for property in ["lines = 0", "lines: Int? = 0", "lines = \"\"", "lines = 0.0", "lines: [Int] = []"] {
                expectRefusal(
                    "@Column(precision: 12, scale: 2) var \(property)",
                    "'lines' is not an 'ExactDecimal', and no other type has a precision and a scale")
            }
            for (precision, scale) in [(0, 0), (1001, 2), (2, 3)] {
                expectRefusal(
                    "@Column(precision: \(precision), scale: \(scale)) var total: ExactDecimal = 0",
                    "'total' cannot be numeric(\(precision), \(scale)): the precision is 1 to 38, and the scale 0 to the precision"
                )
            }
        }

        @Test("An index on several columns names them all, before the struct")
        func indexes() {
            expectRefusal(
                "@Index(\"id\") var lines = 0",
                "an index on several columns stands before the struct, and names them all: '@Index(\"lines\", …)'",
                column: 12)
            Expansion.expectRefusal(
                """
                @View
                @Unique
                @Index("id", "linse")
                struct Order {
                    @Key var id = 0
                    var lines = 0
                }
                """,
                DiagnosticSpec(
                    message:
                        "before the struct, '@Unique' names the properties that it is for: '@Unique(\"first\", \"second\")'",
                    line: 2, column: 1),
                DiagnosticSpec(
                    message: "'linse' is not a stored property of 'Order', which has 'id', 'lines'", line: 3, column: 14
                ))
        }
    }
#endif
