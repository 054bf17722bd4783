import Hindsight
import HindsightPostgres
import HindsightValues

/// What each order comes to.
struct OrderSummary: ViewRow {
    typealias Key = String

    var orderID = ""
    var customer = ""
    var country = ""
    var lines = 0
    var quantity = 0
    var total: ExactDecimal = 0
    var firstAt = Timestamp(microsecondsSince1970: 0)
    var lastAt = Timestamp(microsecondsSince1970: 0)

    static let orderID = Column<Self, String>("order_id", get: { $0.orderID }, set: { $0.orderID = $1 })
    static let customer = Column<Self, String>("customer", get: { $0.customer }, set: { $0.customer = $1 })
    static let country = Column<Self, String>("country", get: { $0.country }, set: { $0.country = $1 })
    static let lines = Column<Self, Int>("lines", get: { $0.lines }, set: { $0.lines = $1 })
    static let quantity = Column<Self, Int>("quantity", get: { $0.quantity }, set: { $0.quantity = $1 })
    static let total = Column<Self, ExactDecimal>("total", get: { $0.total }, set: { $0.total = $1 })
    static let firstAt = Column<Self, Timestamp>("first_at", get: { $0.firstAt }, set: { $0.firstAt = $1 })
    static let lastAt = Column<Self, Timestamp>("last_at", get: { $0.lastAt }, set: { $0.lastAt = $1 })

    static let table = ViewTable(
        name: "order_summary", key: orderID,
        columns: [customer, country, lines, quantity, total, firstAt, lastAt], indexes: [ViewIndex(customer)])

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [.stream, .occurredAt])
        .on(OrderLinePlaced.self, key: order, fold: add)
        .on(OrderLineCancelled.self, key: order, fold: add)
        .on(AdjustmentMade.self, key: order, fold: add)

    private static func order(_ line: some OrderLine, _ context: RecordedEvent) -> String {
        context.stream.id
    }

    private static func add(_ row: inout OrderSummary?, _ line: some OrderLine, _ context: RecordedEvent) throws {
        var order =
            row
            ?? OrderSummary(
                orderID: context.stream.id, customer: line.customer ?? "", country: line.country,
                firstAt: context.occurredAt)
        order.lines += 1
        order.quantity = try order.quantity.adding(line.quantity)
        order.total += line.amount
        order.lastAt = context.occurredAt
        row = order
    }
}
