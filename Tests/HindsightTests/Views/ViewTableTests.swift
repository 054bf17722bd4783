import Hindsight
import HindsightProjections
import Testing

@Suite("Declaring tables", .timeLimit(.minutes(1)))
struct ViewTableTests {
    @Test(
        "Names of columns are those of properties in snake case",
        arguments: [
            ("orderID", "order_id"), ("firstAt", "first_at"), ("URLPath", "url_path"), ("lines", "lines"), ("x", "x"),
            ("line2Total", "line2_total"), ("größeÄndern", "größe_ändern"), ("already_snake", "already_snake"),
            ("htmlID2", "html_id2"),
        ])
    func snakeCase(property: String, column: String) {
        #expect(property.snakeCased == column)
    }

    private struct Place: Hashable, Sendable {
        var city = ""
        var zip = ""
    }

    private struct Visit: ViewRow {
        var day = Day(daysSince1970: 0)
        var visitorID = ""
        var place = Place()
        var notes: String?
        /// Not stored, so it needs no column.
        var isNoted: Bool { notes != nil }
        static let table = ViewTable(
            "visit", of: Self(), key: (\.day, \.visitorID), \.place.city, \.place.zip, \.notes
        ).index(\.place.city, \.day).index(\.notes, unique: true)
    }

    @Test("A table has the columns of its key paths, also of properties of properties, and indexes on them")
    func columnsByKeyPath() throws {
        let table = Visit.table
        #expect(table.columns.map(\.name) == ["day", "visitor_id", "place_city", "place_zip", "notes"])
        #expect(table.keyCount == 2)
        #expect(table.indexes.map(\.columns) == [["place_city", "day"], ["notes"]])
        #expect(table.indexes.map(\.isUnique) == [false, true])
        #expect(table.columns.map(\.isNullable) == [false, false, false, false, true])
        try table.validate()
    }

    @Test("A new row has its key, and otherwise what was declared")
    func newRows() throws {
        let visit = Visit.table.newRow(ViewKeyPair(Day(daysSince1970: 3), "v"))
        #expect(visit.day == Day(daysSince1970: 3) && visit.visitorID == "v" && visit.notes == nil)
        let made = Guest.table.newRow("Ann")
        #expect(made.name == "Ann" && made.seat == -1)
        try Guest.table.validate()
    }

    /// A public row without a public `init`, made by a closure.
    public struct Guest: ViewRow {
        /// Who comes.
        public private(set) var name: String
        /// Where the guest sits, -1 for nowhere.
        public private(set) var seat: Int
        private init(guest: String) { (name, seat) = (guest, -1) }
        /// The guests.
        public static let table = ViewTable("guest", key: \.name, \.seat, new: { Self(guest: $0) })
    }

    @Test("A computed property is no column by key path")
    func computedProperty() async {
        await #expect(processExitsWith: .failure) {
            struct Row: ViewRow {
                var id = ""
                var half: Int {
                    get { 1 }
                    set {}
                }
                static let table = ViewTable("row", of: Self(), key: \.id, \.half)
            }
            print(Row.table.name)
        }
    }

    @Test("A query by a property without a column is refused, with the columns that there are")
    func noSuchColumn() async throws {
        try await Bank.open { bank in
            for query in [Visit.query.where(\.isNoted == true), Visit.query.order(by: \.isNoted)] {
                let error = await #expect(throws: ViewQueryError.self) {
                    try await Views(pool: bank.views).fetch(query)
                }
                #expect(
                    error?.description.contains("isNoted") == true || error?.description.contains("computed") == true)
                #expect(error?.description.contains("visitor_id") == true)
            }
        }
    }
}
