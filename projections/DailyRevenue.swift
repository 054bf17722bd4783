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
        .on(
            OrderLinePlaced.self, OrderLineCancelled.self, AdjustmentMade.self, as: (any OrderLine).self,
            key: { line, context in ViewKeyPair(Day(context.occurredAt), line.country) }
        ) { day, line, context in
            if context.version == 0 { day.orders += 1 }
            day.lines += 1
            day.revenue += line.amount
        }
}
