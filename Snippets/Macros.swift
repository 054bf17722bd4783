// Rows and events that macros declare, as a program: `swift run --traits Macros Macros`. Without the trait it is empty.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

#if Macros
    import Hindsight

    @Event
    struct OrderLinePlaced {
        var sku: String
        var quantity: Int
        var unitPrice: ExactDecimal
    }

    @Event("OrderPacked", version: 2)
    struct PackedWithCarrier {
        var parcel: String
        var carrier: String
    }

    @View
    struct OrderSummary {
        @Key var orderID: String
        var lines = 0
        var total: ExactDecimal = 0

        static let projection = ViewProjection(Self.self, version: 1)
            .on(OrderLinePlaced.self) { order, line, _ in
                order.lines += 1
                order.total += line.unitPrice * line.quantity
            }
    }

    @View("sales")
    @Index("day", "revenue")
    struct ProductDay {
        @Key var sku: String
        @Key var day: Day
        @Column("units") var quantity = 0
        @Column(precision: 12, scale: 2) var revenue: ExactDecimal = 0
        @Index var lastOrder: String?
    }

    try OrderSummary.table.validate()
    try ProductDay.table.validate()
    print(OrderSummary.table.name, ProductDay.table.name, PackedWithCarrier.eventType)
#endif
