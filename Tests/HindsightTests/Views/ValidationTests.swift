import Hindsight
import HindsightProjections
import Testing

@Suite("The self-test of row types", .serialized, .timeLimit(.minutes(3)))
struct ValidationTests {
    @Test("Rows of every type of column pass")
    func soundRows() throws {
        try AllColumns.table.validate()
        try Account.table.validate()
        try Turnover.table.validate()
        try Person.table.validate()
        try Parcel.table.validate()
    }

    private func error<Row, Key>(_ table: ViewTable<Row, Key>) -> String {
        do {
            try table.validate()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("A stored property without a column is named")
    func missingColumn() {
        struct Row: ViewRow {
            var id = ""
            var count = 0
            private var forgotten = 0
            static let table = ViewTable("row", of: Self(), key: \.id, \.count)
        }
        #expect(error(Row.table).contains("property \"forgotten\" of Row has no column"))
    }

    @Test("So is a part of a property whose other parts have columns")
    func missingPart() {
        struct Place: Sendable {
            var city = ""
            var zip = ""
        }
        struct Row: ViewRow {
            var id = ""
            var place = Place()
            static let table = ViewTable("row", of: Self(), key: \.id, \.place.city)
        }
        #expect(error(Row.table).contains("property \"place.zip\" of Row has no column"))
    }

    @Test("Two columns of one property are named")
    func sameProperty() {
        struct Row: ViewRow {
            var id = ""
            var count = 0
            static let table = ViewTable(
                "row", of: Self(), key: Column(\.id), Column(\.count), Column("number", \.count))
        }
        #expect(error(Row.table).contains("columns \"count\" and \"number\" are the same property of Row"))
    }

    /// The mistake that made 92,754 of 150,370 rows wrong without a word.
    @Test("Closures that read one property and write another are found")
    func crossedClosures() {
        struct Row: ViewRow {
            var id = ""
            var paid = 0
            var amount = 0
            static let table = ViewTable(
                "row", of: Self(), key: Column(\.id), Column("paid", get: { $0.paid }, set: { $0.amount = $1 }),
                Column(\.amount))
        }
        let text = error(Row.table)
        #expect(text.contains("column \"paid\" was set to") && text.contains("has another value when it is read"))
    }

    @Test("So are closures that write more than their column")
    func greedyClosures() {
        struct Row: ViewRow {
            var id = ""
            var paid = 0
            var amount = 0
            static let table = ViewTable(
                "row", of: Self(), key: Column(\.id),
                Column("paid", get: { $0.paid }, set: { ($0.paid, $0.amount) = ($1, $1) }), Column(\.amount))
        }
        #expect(error(Row.table).contains("setting column \"paid\" changes column \"amount\""))
    }

    @Test("A column with closures covers the properties that it writes, and no others")
    func closuresCover() throws {
        struct Covered: ViewRow {
            var id = ""
            private var cents = 0
            static let table = ViewTable(
                "covered", of: Self(), key: Column(\.id), Column("pence", get: { $0.cents }, set: { $0.cents = $1 }))
        }
        try Covered.table.validate()
        struct Uncovered: ViewRow {
            var id = ""
            private var cents = 0
            private var forgotten = 0
            static let table = ViewTable(
                "uncovered", of: Self(), key: Column(\.id), Column("pence", get: { $0.cents }, set: { $0.cents = $1 }))
        }
        #expect(error(Uncovered.table).contains("property \"forgotten\" of Uncovered has no column"))
    }

    @Test("A part of a property that closures do not write is named")
    func closuresCoverParts() throws {
        struct Place: Sendable {
            var city = ""
            var zip = ""
        }
        struct Row: ViewRow {
            var id = ""
            var place = Place()
            static let table = ViewTable(
                "row", of: Self(), key: Column(\.id),
                Column("city", get: { $0.place.city }, set: { $0.place.city = $1 }))
        }
        #expect(error(Row.table).contains("property \"place.zip\" of Row has no column"))
    }

    @Test("A key of any type can be tried, also an enum and a pair")
    func keysOfAnyType() throws {
        enum Kind: String, ViewValue {
            case open
            case paid
        }
        struct Row: ViewRow {
            var kind = Kind.open
            var day = Day(daysSince1970: 0)
            var forgotten = 0
            static let table = ViewTable("row", of: Self(), key: (\.kind, \.day))
        }
        #expect(error(Row.table).contains("property \"forgotten\" of Row has no column"))
    }

    @Test("A closure that makes a row with another key is found")
    func wrongNewRow() {
        struct Row: ViewRow {
            var id: String
            static let table = ViewTable("row", key: \.id, new: { Self(id: $0.uppercased()) })
        }
        #expect(error(Row.table).contains("a new row of Row has another key"))
    }

    /// Its values come back from the database in lower case.
    private struct Careless: ViewJSON {
        var text = ""
        init(text: String) { self.text = text }
        init(from decoder: any Decoder) throws {
            text = try decoder.singleValueContainer().decode(String.self).lowercased()
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text + (text == "x" ? "Y" : ""))
        }
    }

    @Test("A value that is another one once it was in the database is found")
    func lossyValues() {
        struct Row: ViewRow {
            var id = ""
            var careless = Careless(text: "")
            static let table = ViewTable("row", of: Self(), key: \.id, \.careless)
        }
        #expect(error(Row.table).contains("a value of column \"careless\", is another one once it was sent"))
    }

    @Test("The engine and a rebuild refuse such a row before they make a table")
    func refusedAtStart() async throws {
        struct Row: ViewRow {
            var id = ""
            var forgotten = 0
            static let table = ViewTable("row", of: Self(), key: \.id)
        }
        let projection = ViewProjection(Row.self, version: 1)
            .on(Bank.Deposited.self) { row, event, _ in row.forgotten += event.amount }
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "a")
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(projection).runUntilCaughtUp()
            }
            #expect(error?.code == .invalidDefinition)
            #expect(error?.description.contains("view \"row\": property \"forgotten\"") == true)
            await #expect(throws: ProjectionError.self) { try await bank.rebuild(projection) }
            #expect(try await bank.value("select count(*) from hindsight.projections") == 0)
        }
    }
}
