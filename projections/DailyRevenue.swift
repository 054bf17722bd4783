import Hindsight

/// What each day has brought in each country.
struct DailyRevenue: ViewRow {
    var day = Day(daysSince1970: 0)
    var country = ""
    var orders = 0
    var lines = 0
    var revenue: ExactDecimal = 0

    static let table = ViewTable("daily_revenue", of: Self(), key: (\.day, \.country), \.orders, \.lines, \.revenue)

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [.stream, .occurredAt])
        .on(OrderLinePlaced.self, key: dayAndCountry, fold: add)
        .on(OrderLineCancelled.self, key: dayAndCountry, fold: add)
        .on(AdjustmentMade.self, key: dayAndCountry, fold: add)

    private static func dayAndCountry(_ line: some OrderLine, _ context: RecordedEvent) -> Key {
        ViewKeyPair(Day(context.occurredAt), line.country)
    }

    private static func add(_ daily: inout Self, _ line: some OrderLine, _ context: RecordedEvent) {
        if context.version == 0 { daily.orders += 1 }
        daily.lines += 1
        daily.revenue += line.amount
    }
}
