#if Macros
    import Hindsight

    @Event
    struct LinePlaced {
        var sku: String
        var quantity: Int
        var price: ExactDecimal
    }

    @Event("OrderShipped", version: 2)
    struct Shipped {
        var parcel: String
    }

    @Event(version: 3)
    enum Paid: Equatable {
        case byCard(last: Int)
        case atTheDoor
    }

    /// As short as a row can be.
    @View
    struct OrderSummary {
        @Key var orderID: String
        var lines = 0
        @Column("amount", precision: 12, scale: 2) var total: ExactDecimal = 0
        @Index var parcel: String?

        static let projection = ViewProjection(Self.self, version: 1)
            .on(LinePlaced.self) { order, line, _ in
                order.lines += 1
                order.total += line.price * line.quantity
            }
            .on(Shipped.self) { order, shipped, _ in order.parcel = shipped.parcel }
    }

    /// Two keys, one without a value.
    @View("sales")
    @Index("day", "revenue")
    struct ProductDay: Hashable {
        @Key @Column("stock_number") var sku = ""
        @Key var day: Day
        private(set) var units = 0
        var revenue: ExactDecimal = 0

        static let projection = ViewProjection(Self.self, version: 1)
            .on(LinePlaced.self, key: { ViewKeyPair($0.sku, Day($1.occurredAt)) }) { product, line, _ in
                product.units += line.quantity
                product.revenue += line.price * line.quantity
            }
    }

    /// What Swift has and the macro leaves alone, and properties that need care.
    enum Corner {
        @View
        struct Store: ViewRow, Codable {
            @Key var id = 0
            var `default` = false, isOpen = true
            private var hidden = 1
            @available(*, deprecated) var old: Int { 1 }
            var visible: Int {
                get { hidden }
                set { hidden = newValue }
            }
            struct Column: Hashable {}
            static let limit = 5
            #if DEBUG
                func show() -> String { "\(id)" }
            #endif
        }

        @View
        fileprivate struct Own {
            @Key var id: Int
            var note: String?

            init(id: Int) { self.id = id }
        }

        /// The columns of a row that nobody else sees.
        static func columnsOfOwn() throws -> [String] {
            try Own.table.validate()
            return ViewShape(Own.table).columns.map(\.name)
        }
    }

    @View
    private struct Hidden {
        @Key var id = 0
    }

    /// Isolated, as all of a module may be, while its table is not.
    @MainActor
    @View
    struct Shown {
        @Key var id = 0
        var isOpen = false
        @Event("Opened")
        struct Opened {}
    }

    /// Forty columns compile as fast as they are read.
    @View
    struct Wide {
        @Key var id: Int
        var a0 = 0, a1 = "", a2 = false, a3: ExactDecimal = 0, a4: Int?
        var b0 = 0, b1 = "", b2 = false, b3: ExactDecimal = 0, b4: Int?
        var c0 = 0, c1 = "", c2 = false, c3: ExactDecimal = 0, c4: Int?
        var d0 = 0, d1 = "", d2 = false, d3: ExactDecimal = 0, d4: Int?
        var e0 = 0, e1 = "", e2 = false, e3: ExactDecimal = 0, e4: Int?
        var f0 = 0, f1 = "", f2 = false, f3: ExactDecimal = 0, f4: Int?
        var g0 = 0, g1 = "", g2 = false, g3: ExactDecimal = 0, g4: Int?
        var h0 = 0, h1 = "", h2 = false, h3: ExactDecimal = 0, h4: Int?
    }
#endif
