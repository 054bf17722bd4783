import Foundation
import Hindsight
import HindsightLog
import Testing

@Suite("Fields that a fold looks at", .serialized, .timeLimit(.minutes(3)))
struct FieldWatchTests {
    /// The last deposit of an account, and the one before: a field that was not read would show in the next row.
    struct LastDeposit: ViewRow {

        var id = ""
        var event = UUID()
        var count = 0

        static let table = ViewTable("last_deposit", of: Self(), key: \.id, \.event, \.count)

        /// It says that it looks at streams, and looks at ids as well.
        static var projection: ViewProjection<LastDeposit> {
            ViewProjection(LastDeposit.self, version: 1, lookingAt: .stream)
                .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, _, context in
                    var last = row ?? LastDeposit(id: context.stream.id)
                    last.event = context.id
                    last.count += 1
                    row = last
                }
        }

        static let recount = """
            select substr(stream, 9) as id, (array_agg(id order by position desc))[1] as event, count(*) as count
            from hindsight.events where type = 'Deposited' group by stream
            """
    }

    @Test("One that was not named is noticed, read after all, and the rows are right")
    func unnamed() async throws {
        try await Bank.open { bank in
            try await bank.fill(20_000)
            try await bank.rebuilder(LastDeposit.projection).rebuild(["last_deposit"], options: Bank.eager)
            try await bank.expect("last_deposit", equals: LastDeposit.recount)
        }
    }

    @Test("It is noticed by the one who reads, and by nobody else")
    func ownWatch() {
        let event = RecordedEvent(
            position: 1, stream: "a-1", version: 0, id: UUID(), type: "T", schemaVersion: 1, occurredAt: .now(),
            recordedAt: .now(), correlationID: nil, causationID: nil, data: [], metadata: nil,
            missing: [.id, .metadata])
        let (mine, other) = (FieldWatch(), FieldWatch())
        FieldWatch.$current.withValue(mine) {
            FieldWatch.$current.withValue(other) { _ = event.metadata }
            _ = event.id
            _ = event.recordedAt
        }
        // Nobody watches.
        _ = event.id
        #expect(mine.fields == .id)
        #expect(other.fields == .metadata)
    }
}
