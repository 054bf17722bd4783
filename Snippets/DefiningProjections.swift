// The code of the article "Defining projections", as a program: `swift run DefiningProjections`. A second run ends with a
// conflict, since order 1 exists by then; delete `.hindsight` before it.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

import Hindsight
import HindsightCluster
import Logging

struct OrderLinePlaced: Event {
    static let schemaVersion = 2

    var sku: String
    var quantity: Int
    var unitPrice: ExactDecimal
    var currency: String
}

struct OrderLinePlacedV1: Event {
    static let eventType = "OrderLinePlaced"

    var sku: String
    var quantity: Int
    var unitPrice: ExactDecimal
}

struct OrderPacked: Event {
    var parcel: String?
}

struct OrderDelivered: Event {}

struct GiftWrapped: Event {
    var skus: [String]
}

/// What each product has sold on each day.
struct ProductDay: ViewRow {
    var sku = ""
    var day = Day(daysSince1970: 0)
    var quantity = 0
    var revenue: ExactDecimal = 0

    static let table = ViewTable("product_day", of: Self(), key: (\.sku, \.day), \.quantity, \.revenue)
        .index(\.day, \.revenue)

    static let projection = ViewProjection(Self.self, version: 1)
        .on(OrderLinePlaced.self, key: { ViewKeyPair($0.sku, Day($1.occurredAt)) }) { product, line, _ in
            product.quantity = try product.quantity.adding(line.quantity)
            product.revenue += line.unitPrice * line.quantity
        }
}

/// The orders that are under way.
struct OpenOrder: ViewRow {
    var order = ""
    var parcel: String?

    static let table = ViewTable("open_order", of: Self(), key: Column("order_id", \.order), Column(\.parcel))

    static let projection = ViewProjection(Self.self, version: 1)
        .on(OrderPacked.self) { order, packed, _ in order.parcel = packed.parcel }
        .delete(on: OrderDelivered.self)
        .parking(unreadable: { $0.stream.id })
}

/// How often each product is wrapped.
struct WrappedProduct: ViewRow {
    var sku = ""
    var times = 0

    static let table = ViewTable("wrapped_product", of: Self(), key: \.sku, \.times)

    static let projection = ViewProjection(Self.self, version: 1)
        .onEach(GiftWrapped.self, keys: { gift, _ in gift.skus }) { product, _, _ in product.times += 1 }
}

let deliveries = SQLProjection(
    "deliveries", version: 1,
    setUp: ["create table deliveries_v1 (stream text primary key, position bigint not null)"],
    clear: ["truncate deliveries_v1"]
)
.on(OrderDelivered.self) { session, _, context in
    try session.execute(
        """
        insert into deliveries_v1 (stream, position) values (\(context.stream.rawValue), \(context.position))
        on conflict (stream) do nothing
        """)
}

let parcels = SQLProjection(
    "parcels", version: 1,
    setUp: ["create table parcels_v1 (order_id text primary key, lines int not null, packed timestamptz)"],
    clear: ["truncate parcels_v1"], keysInFlight: 4
)
.on(OrderLinePlaced.self, key: { $1.stream }) { session, _, context in
    try session.execute(
        """
        insert into parcels_v1 (order_id, lines) values (\(context.stream.id), 1)
        on conflict (order_id) do update set lines = parcels_v1.lines + 1
        """)
}
.on(OrderPacked.self, key: { $1.stream }) { session, _, context in
    try session.execute("update parcels_v1 set packed = \(context.occurredAt) where order_id = \(context.stream.id)")
}

let events = {
    var events = EventRegistry()
    events.upcast(from: OrderLinePlacedV1.self, to: OrderLinePlaced.self) { old in
        OrderLinePlaced(sku: old.sku, quantity: old.quantity, unitPrice: old.unitPrice, currency: "GBP")
    }
    return events
}()

@main
enum Program {
    static func main() async throws {
        let logger = Logger(label: "orders")
        let cluster = try await LocalCluster.start(in: ".hindsight", logger: logger)
        do {
            try await run(PostgresConfiguration(cluster.conninfo), logger)
        } catch {
            try await cluster.stop()
            throw error
        }
        try await cluster.stop()
    }

    static func run(_ database: PostgresConfiguration, _ logger: Logger) async throws {
        let pool = PostgresPool(configuration: database, logger: logger)
        try await Migrator(pool: pool, logger: logger).migrate()
        let log = PostgresEventLog(pool: pool, logger: logger)

        let price = ExactDecimal(coefficient: 255, scale: 2)
        let line = OrderLinePlaced(sku: "85123A", quantity: 6, unitPrice: price, currency: "GBP")
        let packed = OrderPacked(parcel: "RM 1042")
        let result = try await log.append(
            [try events.encode(line), try events.encode(packed)], to: "order-1", expected: .noStream)
        print("order-1 is at version \(result.version)")

        try await log.withTransaction { session in
            try session.execute("create table if not exists invoice (order_id text primary key)")
            try session.execute("insert into invoice values (\("order-2"))")
            try log.append([try events.encode(line)], to: "order-2", in: &session)
        }

        let engine = ProjectionEngine(
            ProjectionContext(
                log: log, database: database, pool: pool,
                projections: [
                    ProductDay.projection, OpenOrder.projection, WrappedProduct.projection, deliveries, parcels,
                ],
                events: events, logger: logger))
        try await engine.runUntilCaughtUp()

        let views = Views(pool: pool)
        let today = Day(Timestamp.now())
        let best = ProductDay.query
            .where(\.day == today && \.revenue > 10)
            .order(by: \.revenue, .descending)
            .limit(10)
        for row in try await views.fetch(best) { print(row.sku, row.quantity, row.revenue) }
        let some = ProductDay.query.where(.isOne(\.sku, of: ["85123A", "71053"]) && .isIn(\.quantity, 1...100))
        print("\(try await views.count(some)) rows")
        var page = some.order(by: \.day, .descending).limit(100)
        while true {
            let rows = try await views.fetch(page)
            for row in rows { print(row.day, row.sku, row.revenue) }
            if rows.count < 100 { break }
            page = page.after(rows.last)
        }
        let days = try await views.query("select day, sum(revenue) from product_day group by day order by day")
        for row in days { print(try row.decode(0, as: Day.self), try row.decode(1, as: ExactDecimal.self)) }
        let order = try await views.row(OpenOrder.self, "1")
        print(order?.parcel ?? "not under way")
        let product = try await views.row(ProductDay.self, ViewKeyPair("85123A", today))
        print(product?.quantity ?? 0)
        let fresh = try await views.row(OpenOrder.self, "1", atLeast: result.position, timeout: .seconds(2))
        print(fresh.value?.parcel ?? "not under way", "at position", fresh.position)
        let totals = try await views.query(
            "select sku, sum(revenue) from product_day group by sku", of: ["product_day"], atLeast: result.position)
        print("\(totals.rows.count) products at position \(totals.position)")

        let subscription = Subscription(
            log: log, pool: pool, options: SubscriptionOptions(name: "printer"), logger: logger)
        try await subscription.run { event in
            print(event.position, event.stream, event.type)
            if event.stream == "order-2" { subscription.stop() }
        }

        var options = SubscriptionOptions(name: "letters")
        options.keysInFlight = 16
        let letters = Subscription(log: log, pool: pool, options: options, logger: logger)
        try await letters.run { event in
            try await Task.sleep(for: .milliseconds(5))  // in place of a request to another service
            if event.stream == "order-2" { letters.stop() }
        }
        await pool.close()
    }
}
