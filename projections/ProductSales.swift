import Hindsight

/// What each product has sold, under its latest description.
struct ProductSales: ViewRow {
    var sku = ""
    var lines = 0
    var units = 0
    var revenue: ExactDecimal = 0
    var description = ""

    static let table = ViewTable(
        "product_sales", of: Self(), key: \.sku, \.lines, \.units, \.revenue, \.description)

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [])
        .on(OrderLinePlaced.self, key: sku, fold: add)
        .on(OrderLineCancelled.self, key: sku, fold: add)
        .on(AdjustmentMade.self, key: sku, fold: add)

    private static func sku(_ line: some OrderLine, _ context: RecordedEvent) -> String { line.sku }

    private static func add(_ product: inout Self, _ line: some OrderLine, _ context: RecordedEvent) throws {
        product.lines += 1
        product.units = try product.units.adding(line.quantity)
        product.revenue += line.amount
        if let description = line.description, !description.isEmpty { product.description = description }
    }
}
