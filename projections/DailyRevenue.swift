import Hindsight
import HindsightPostgres
import HindsightValues

/// What each day has brought in each country.
struct DailyRevenue: ViewRow {
    typealias Key = ViewKeyPair<Day, String>

    var day = Day(daysSince1970: 0)
    var country = ""
    var orders = 0
    var lines = 0
    var revenue: ExactDecimal = 0

    static let day = Column<Self, Day>("day", get: { $0.day }, set: { $0.day = $1 })
    static let country = Column<Self, String>("country", get: { $0.country }, set: { $0.country = $1 })
    static let orders = Column<Self, Int>("orders", get: { $0.orders }, set: { $0.orders = $1 })
    static let lines = Column<Self, Int>("lines", get: { $0.lines }, set: { $0.lines = $1 })
    static let revenue = Column<Self, ExactDecimal>("revenue", get: { $0.revenue }, set: { $0.revenue = $1 })

    static let table = ViewTable(name: "daily_revenue", key: day, country, columns: [orders, lines, revenue])

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [.stream, .occurredAt])
        .on(OrderLinePlaced.self, key: dayAndCountry, fold: add)
        .on(OrderLineCancelled.self, key: dayAndCountry, fold: add)
        .on(AdjustmentMade.self, key: dayAndCountry, fold: add)

    private static func dayAndCountry(_ line: some OrderLine, _ context: RecordedEvent) -> Key {
        ViewKeyPair(Day(context.occurredAt), line.country)
    }

    private static func add(_ row: inout DailyRevenue?, _ line: some OrderLine, _ context: RecordedEvent) {
        var revenue = row ?? DailyRevenue(day: Day(context.occurredAt), country: line.country)
        if context.version == 0 { revenue.orders += 1 }
        revenue.lines += 1
        revenue.revenue += line.amount
        row = revenue
    }
}
