#if Macros
    import Testing

    @Suite("Expansions of @View", .timeLimit(.minutes(1)))
    @MainActor  // a parser that is built for debugging needs more stack than other threads have
    struct ViewExpansionTests {
        @Test("A key without a value makes the row; every other property begins with its own")
        func shortest() {
            Expansion.expect(
                """
                @View
                struct OrderSummary {
                    @Key var orderID: String
                    var lines = 0
                    var total: ExactDecimal = 0
                    var note: String?
                }
                """,
                #"""
                struct OrderSummary {
                    var orderID: String
                    var lines = 0
                    var total: ExactDecimal = 0
                    var note: String?

                    /// The view's table: its name, key, columns and indexes.
                    nonisolated static let table = HindsightProjections.ViewTable(
                        "order_summary",
                        key: HindsightProjections.Column("order_id", \Self.orderID),
                        HindsightProjections.Column("lines", \Self.lines),
                        HindsightProjections.Column("total", \Self.total),
                        HindsightProjections.Column("note", \Self.note),
                        new: {
                            Self(orderID: $0)
                        }
                    )
                }

                nonisolated extension OrderSummary: HindsightProjections.ViewRow {
                }
                """#)
        }

        @Test(
            "A row with a value for each property is its own beginning; names, digits and indexes are as they are said")
        func marks() {
            Expansion.expect(
                """
                @View("orders")
                @Unique("country", "total")
                public struct OrderSummary {
                    @Key @Column("id") public var orderID = ""
                    @Index var customer = ""
                    var country = "", city = ""
                    @Column("amount", precision: 12, scale: 2) var total: ExactDecimal = 0
                    @Unique @Column(precision: 5, scale: 3) var rate: ExactDecimal?
                    static let limit = 5
                    var double: ExactDecimal { total + total }
                    var half: Int { get { 1 } set {} }
                    func isLarge() -> Bool { total > 100 }
                }
                """,
                #"""
                public struct OrderSummary {
                    public var orderID = ""
                    var customer = ""
                    var country = "", city = ""
                    var total: ExactDecimal = 0
                    var rate: ExactDecimal?
                    static let limit = 5
                    var double: ExactDecimal { total + total }
                    var half: Int { get { 1 } set {} }
                    func isLarge() -> Bool { total > 100 }

                    /// The view's table: its name, key, columns and indexes.
                    public nonisolated static let table = HindsightProjections.ViewTable(
                        "orders",
                        of: Self(),
                        key: HindsightProjections.Column("id", \Self.orderID),
                        HindsightProjections.Column("customer", \Self.customer),
                        HindsightProjections.Column("country", \Self.country),
                        HindsightProjections.Column("city", \Self.city),
                        HindsightProjections.Column(\Self.total, named: "amount", precision: 12, scale: 2),
                        HindsightProjections.Column(\Self.rate, named: "rate", precision: 5, scale: 3)
                    )
                    .index(\Self.customer)
                    .index(\Self.rate, unique: true)
                    .index(\Self.country, \Self.total, unique: true)
                }

                nonisolated extension OrderSummary: HindsightProjections.ViewRow {
                }
                """#)
        }

        @Test("Two keys are a pair, in the order in which they stand")
        func twoKeys() {
            Expansion.expect(
                """
                @View
                package struct `default` {
                    var units = 0
                    @Key var day: Day
                    @Key var `for`: String
                }
                """,
                #"""
                package struct `default` {
                    var units = 0
                    var day: Day
                    var `for`: String

                    /// The view's table: its name, key, columns and indexes.
                    package nonisolated static let table = HindsightProjections.ViewTable(
                        "default",
                        key: (HindsightProjections.Column("day", \Self.day), HindsightProjections.Column("for", \Self.`for`)),
                        HindsightProjections.Column("units", \Self.units),
                        new: {
                            Self(day: $0.first, `for`: $0.second)
                        }
                    )
                }

                nonisolated extension `default`: HindsightProjections.ViewRow {
                }
                """#)
        }

        @Test("A struct is as accessible as the extension that it stands in says")
        func accessByExtension() {
            Expansion.expect(
                """
                public extension Shop {
                    @View
                    struct Order {
                        @Key var id: Int
                    }
                }
                """,
                #"""
                public extension Shop {
                    struct Order {
                        var id: Int

                        /// The view's table: its name, key, columns and indexes.
                        public nonisolated static let table = HindsightProjections.ViewTable(
                            "order",
                            key: HindsightProjections.Column("id", \Self.id),
                            new: {
                                Self(id: $0)
                            }
                        )
                    }
                }

                nonisolated extension Shop.Order: HindsightProjections.ViewRow {
                }
                """#)
        }

        @Test("A struct may have initializers of its own beside the one that makes new rows")
        func ownInitializers() {
            Expansion.expect(
                """
                @View
                struct Order {
                    @Key var id: Int
                    var lines = 0
                    init(_ text: String) { id = text.count }
                    init(id: Int, lines: Int = 0) { self.id = id }
                    #if DEBUG
                    func show() {}
                    #endif
                }
                """,
                #"""
                struct Order {
                    var id: Int
                    var lines = 0
                    init(_ text: String) { id = text.count }
                    init(id: Int, lines: Int = 0) { self.id = id }
                    #if DEBUG
                    func show() {}
                    #endif

                    /// The view's table: its name, key, columns and indexes.
                    nonisolated static let table = HindsightProjections.ViewTable(
                        "order",
                        key: HindsightProjections.Column("id", \Self.id),
                        HindsightProjections.Column("lines", \Self.lines),
                        new: {
                            Self(id: $0)
                        }
                    )
                }

                nonisolated extension Order: HindsightProjections.ViewRow {
                }
                """#)
        }
    }
#endif
