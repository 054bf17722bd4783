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

    static let table = ViewTable(
        "all_columns", of: Self(), key: \.id, \.flag, \.small, \.middle, \.large, \.integer, \.single, \.double, \.text,
        \.at, \.day, \.decimal, \.json, \.jsonb, \.bytes, \.optionalText, \.optionalDecimal, \.optionalDay, \.optionalID
    )
}

extension AllColumns {
    /// A row for each deposit, filled where the amount is 1.
    static let projection = ViewProjection(AllColumns.self, version: 1)
        .onOptional(Bank.Deposited.self, key: { $1.id }) { row, event, context in
            row = AllColumns(id: context.id, isFilled: event.amount == 1)
        }

    /// The view has one row of each kind, and both are read as they were written.
    static func expectRoundTrip(in bank: Bank, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let rows = try await Views(pool: bank.views).fetch(query.order(by: \.integer))
        try #require(rows.count == 2, sourceLocation: sourceLocation)
        #expect(rows[0] == AllColumns(id: rows[0].id, isFilled: true), sourceLocation: sourceLocation)
        #expect(rows[1] == AllColumns(id: rows[1].id, isFilled: false), sourceLocation: sourceLocation)
    }
}
