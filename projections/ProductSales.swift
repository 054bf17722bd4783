import Hindsight
import HindsightPostgres
import HindsightValues

/// What each product has sold, under its latest description.
struct ProductSales: ViewRow {
    typealias Key = String

    var sku = ""
    var lines = 0
    var units = 0
    var revenue: ExactDecimal = 0
    var description = ""

    static let sku = Column<Self, String>("sku", get: { $0.sku }, set: { $0.sku = $1 })
    static let lines = Column<Self, Int>("lines", get: { $0.lines }, set: { $0.lines = $1 })
    static let units = Column<Self, Int>("units", get: { $0.units }, set: { $0.units = $1 })
    static let revenue = Column<Self, ExactDecimal>("revenue", get: { $0.revenue }, set: { $0.revenue = $1 })
    static let description = Column<Self, String>("description", get: { $0.description }, set: { $0.description = $1 })

    static let table = ViewTable(name: "product_sales", key: sku, columns: [lines, units, revenue, description])

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [])
        .on(OrderLinePlaced.self, key: product, fold: add)
        .on(OrderLineCancelled.self, key: product, fold: add)
        .on(AdjustmentMade.self, key: product, fold: add)

    private static func product(_ line: some OrderLine, _ context: RecordedEvent) -> String {
        line.sku
    }

    private static func add(_ row: inout ProductSales?, _ line: some OrderLine, _ context: RecordedEvent) throws {
        var product = row ?? ProductSales(sku: line.sku)
        product.lines += 1
        product.units = try product.units.adding(line.quantity)
        product.revenue += line.amount
        if let description = line.description, !description.isEmpty { product.description = description }
        row = product
    }
}
