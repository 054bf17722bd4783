// Rows and folds of the article "Defining projections", as a program that tries each row type: `swift run DefiningRows`.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

import Hindsight

/// A line of an order, whatever has happened to it.
protocol OrderLine: Event {
    var customer: String { get }
    var quantity: Int { get }
    var unitPrice: ExactDecimal { get }
}

struct LinePlaced: OrderLine {
    var customer: String
    var quantity: Int
    var unitPrice: ExactDecimal
    var grams: Int
    var tags: [String]
}

struct LineReturned: OrderLine {
    var customer: String
    var quantity: Int
    var unitPrice: ExactDecimal
}

struct ParcelSent: Event {
    var address: Parcel.Address
    var postage: ExactDecimal
    var skus: [String]
}

struct SensorRead: Event {
    var seconds: Int
}

/// What is on its way.
struct Parcel: ViewRow {
    enum Status: String, ViewValue {
        case packed, sent
    }

    struct Address: ViewJSON {
        var street = ""
        var city = ""
    }

    var id = ""
    var status = Status.packed
    var postage: ExactDecimal = 0
    var skus: [String] = []
    var address: Address?

    static let table = ViewTable(
        "parcel", of: Self(), key: Column("parcel_id", \.id), Column(\.status),
        Column(\.postage, precision: 8, scale: 2), Column(\.skus), Column("destination", \.address))

    static let projection = ViewProjection(Self.self, version: 1)
        .on(ParcelSent.self) { parcel, sent, _ in
            parcel.status = .sent
            parcel.postage = sent.postage
            parcel.skus = sent.skus
            parcel.address = sent.address
        }
}

/// How long each sensor has been running.
struct Sensor: ViewRow {
    var id = ""
    var uptime = Duration.zero

    static let table = ViewTable(
        "sensor", of: Self(), key: Column("sensor_id", \.id),
        Column("uptime_seconds", get: { $0.uptime.components.seconds }, set: { $0.uptime = .seconds($1) }))

    static let projection = ViewProjection(Self.self, version: 1)
        .on(SensorRead.self) { sensor, read, _ in sensor.uptime = .seconds(read.seconds) }
}

/// What each customer has bought; a view that other modules use.
public struct CustomerSpend: ViewRow {
    /// Who has bought.
    public internal(set) var customer: String
    /// How many lines of orders.
    public internal(set) var lines = 0
    /// What they come to.
    public internal(set) var spend: ExactDecimal = 0

    init(customer: String) { self.customer = customer }

    /// The view's table.
    public static let table = ViewTable(
        "customer_spend", key: \.customer, \.lines, \.spend, new: { Self(customer: $0) })

    /// Folds lines, placed and returned.
    public static let projection = ViewProjection(Self.self, version: 1)
        .on(LinePlaced.self, LineReturned.self, as: (any OrderLine).self, key: { line, _ in line.customer }) {
            customer, line, _ in
            customer.lines += 1
            customer.spend += line.unitPrice * line.quantity
        }
}

/// The same by a generic function, of which the compiler makes one for each type.
struct OrderTotal: ViewRow {
    var orderID = ""
    var lines = 0
    var total: ExactDecimal = 0

    static let table = ViewTable("order_total", of: Self(), key: \.orderID, \.lines, \.total)

    static let projection = ViewProjection(Self.self, version: 1)
        .on(LinePlaced.self, fold: add)
        .on(LineReturned.self, fold: add)

    private static func add(_ order: inout Self, _ line: some OrderLine, _ context: RecordedEvent) {
        order.lines += 1
        order.total += line.unitPrice * line.quantity
    }
}

/// What an order weighs: folds that no event can make trap.
struct OrderWeight: ViewRow {
    var orderID = ""
    var units = 0
    var grams = 0
    var gramsPerUnit = 0
    var firstTag = ""

    static let table = ViewTable(
        "order_weight", of: Self(), key: \.orderID, \.units, \.grams, \.gramsPerUnit, \.firstTag)

    static let projection = ViewProjection(Self.self, version: 1)
        .on(LinePlaced.self) { order, line, _ in
            order.units = try order.units.adding(line.quantity)  // throws; `+` would trap if the sum did not fit
            order.grams = try order.grams.adding(line.grams)
            order.firstTag = line.tags.first ?? order.firstTag  // `tags[0]` and `tags.first!` would trap without one
            if order.units > 0 { order.gramsPerUnit = order.grams / order.units }  // a division by 0 would trap
        }
        .onOptional(LineReturned.self) { order, line, _ in
            guard let units = try order?.units.adding(line.quantity), units > 0 else { return order = nil }
            order?.units = units
        }
}

@main
enum Program {
    static func main() throws {
        try Parcel.table.validate()
        try Sensor.table.validate()
        try CustomerSpend.table.validate()
        try OrderTotal.table.validate()
        try OrderWeight.table.validate()
        print("every row type keeps its values")
    }
}
