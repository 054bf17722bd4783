import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A row with a column of every type.
struct AllColumns: ViewRow, Hashable {
    typealias Key = UUID

    var id = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    var flag = false
    var small: Int16 = 0
    var middle: Int32 = 0
    var large: Int64 = 0
    var integer = 0
    var single: Float = 0
    var double = 0.0
    var text = ""
    var at = Timestamp(microsecondsSince1970: 0)
    var day = Day(daysSince1970: 0)
    var decimal: ExactDecimal = 0
    var json = PostgresJSON("null")
    var jsonb = PostgresJSONB("null")
    var bytes: [UInt8] = []
    var optionalText: String?
    var optionalDecimal: ExactDecimal?
    var optionalDay: Day?
    var optionalID: UUID?

    init() {}

    /// A row whose optional columns all have a value, or none of them.
    init(id: UUID, isFilled: Bool) {
        self.id = id
        flag = isFilled
        small = .min
        middle = .max
        large = .min
        integer = isFilled ? 1 : 2
        single = 1.5
        double = -0.1
        text = "Größe \"3\"\n\\ ☃"
        at = Timestamp(microsecondsSince1970: -1)
        day = Day(daysSince1970: -1)
        decimal = ExactDecimal("-12345678901234567890.123450") ?? 0
        json = PostgresJSON(#"{ "a" : [1, null] }"#)
        jsonb = PostgresJSONB(#"{"a": [1, null]}"#)
        bytes = [0, 255, 0x5C]
        guard isFilled else { return }
        optionalText = ""
        optionalDecimal = ExactDecimal("0.00")
        optionalDay = Day(daysSince1970: 0)
        optionalID = id
    }

    static let id = Column<Self, UUID>("id", get: { $0.id }, set: { $0.id = $1 })
    static let flag = Column<Self, Bool>("flag", get: { $0.flag }, set: { $0.flag = $1 })
    static let small = Column<Self, Int16>("small", get: { $0.small }, set: { $0.small = $1 })
    static let middle = Column<Self, Int32>("middle", get: { $0.middle }, set: { $0.middle = $1 })
    static let large = Column<Self, Int64>("large", get: { $0.large }, set: { $0.large = $1 })
    static let integer = Column<Self, Int>("integer", get: { $0.integer }, set: { $0.integer = $1 })
    static let single = Column<Self, Float>("single", get: { $0.single }, set: { $0.single = $1 })
    static let double = Column<Self, Double>("double", get: { $0.double }, set: { $0.double = $1 })
    static let text = Column<Self, String>("text", get: { $0.text }, set: { $0.text = $1 })
    static let at = Column<Self, Timestamp>("at", get: { $0.at }, set: { $0.at = $1 })
    static let day = Column<Self, Day>("day", get: { $0.day }, set: { $0.day = $1 })
    static let decimal = Column<Self, ExactDecimal>("decimal", get: { $0.decimal }, set: { $0.decimal = $1 })
    static let json = Column<Self, PostgresJSON>("json", get: { $0.json }, set: { $0.json = $1 })
    static let jsonb = Column<Self, PostgresJSONB>("jsonb", get: { $0.jsonb }, set: { $0.jsonb = $1 })
    static let bytes = Column<Self, [UInt8]>("bytes", get: { $0.bytes }, set: { $0.bytes = $1 })
    static let optionalText = Column<Self, String?>(
        "optional_text", get: { $0.optionalText }, set: { $0.optionalText = $1 })
    static let optionalDecimal = Column<Self, ExactDecimal?>(
        "optional_decimal", get: { $0.optionalDecimal }, set: { $0.optionalDecimal = $1 })
    static let optionalDay = Column<Self, Day?>("optional_day", get: { $0.optionalDay }, set: { $0.optionalDay = $1 })
    static let optionalID = Column<Self, UUID?>("optional_id", get: { $0.optionalID }, set: { $0.optionalID = $1 })

    static let table = ViewTable(
        name: "all_columns", key: id,
        columns: [
            flag, small, middle, large, integer, single, double, text, at, day, decimal, json, jsonb, bytes,
            optionalText, optionalDecimal, optionalDay, optionalID,
        ])
}

extension AllColumns {
    /// A row for each deposit, filled where the amount is 1.
    static let projection = ViewProjection(AllColumns.self, version: 1)
        .on(Bank.Deposited.self, key: { $1.id }) { row, event, context in
            row = AllColumns(id: context.id, isFilled: event.amount == 1)
        }

    /// The view has one row of each kind, and both are read as they were written.
    static func expectRoundTrip(in bank: Bank, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let rows = try await Views(pool: bank.views).fetch(query.order(by: .ascending(integer)))
        try #require(rows.count == 2, sourceLocation: sourceLocation)
        #expect(rows[0] == AllColumns(id: rows[0].id, isFilled: true), sourceLocation: sourceLocation)
        #expect(rows[1] == AllColumns(id: rows[1].id, isFilled: false), sourceLocation: sourceLocation)
    }
}
