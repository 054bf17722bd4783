import Hindsight

/// A row whose columns are more than plain numbers and texts.
struct Parcel: ViewRow, Hashable {
    enum Status: String, ViewValue, Codable {
        case packed
        case sent
    }

    struct Weight: RawRepresentable, ViewValue {
        var rawValue: Int
    }

    struct Address: ViewJSON {
        var street = ""
        var floor: Int?
        var since = Timestamp(microsecondsSince1970: 0)
    }

    var id = ""
    var status = Status.packed
    var formerStatus: Status?
    var weight = Weight(rawValue: 0)
    var price: ExactDecimal = 0
    var discount: ExactDecimal?
    var tags: [String] = []
    var numbers: [Int]?
    var history: [Status] = []
    var address = Address()
    var formerAddress: Address?
    var payload: [UInt8] = []

    static let table = ViewTable(
        "parcel", of: Self(), key: Column("parcel_id", \.id), Column(\.status), Column(\.formerStatus),
        Column(\.weight),
        Column(\.price, precision: 8, scale: 2), Column(\.discount, named: "rebate", precision: 8, scale: 2),
        Column(\.tags), Column(\.numbers), Column(\.history), Column(\.address), Column(\.formerAddress),
        Column(\.payload))

    /// Each deposit changes everything; the amounts say to what.
    static let projection = ViewProjection(Self.self, version: 1)
        .on(Bank.Deposited.self) { parcel, event, context in
            parcel.formerStatus = parcel.status
            parcel.status = .sent
            parcel.weight.rawValue += event.amount
            parcel.price += ExactDecimal(coefficient: Int128(event.amount), scale: 1)
            parcel.discount = event.amount == 1 ? nil : 1
            parcel.tags.append("größe \"\(event.amount)\"")
            parcel.numbers = event.amount == 1 ? nil : [event.amount, -1]
            parcel.history.append(parcel.status)
            parcel.formerAddress = parcel.address
            parcel.address = Address(street: "\(event.amount) Main St", floor: event.amount, since: context.occurredAt)
            parcel.payload.append(UInt8(clamping: event.amount))
        }
}
