import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

/// Decision by decision: what a reader sees while appends commit late, out of order or not at all.
@Suite("Order and gaps", .timeLimit(.minutes(2)))
struct FrontierOrderTests {
    private func open(_ fixture: LogFixture) async throws -> OpenTransaction {
        try await OpenTransaction.begin(in: fixture.pool)
    }

    @discardableResult
    private func append(
        _ numbers: ClosedRange<Int>, to stream: StreamName, in transaction: OpenTransaction, _ log: PostgresEventLog
    ) async throws -> AppendResult {
        let events = numbers.map { LogFixture.event($0) }
        return try await transaction.run { try log.append(events, to: stream, in: &$0) }
    }

    private func numbers(_ events: [RecordedEvent]) -> [String] {
        events.map { String(decoding: $0.data, as: UTF8.self) }
    }

    private func data(_ numbers: some Sequence<Int>) -> [String] { numbers.map { #"{"number":\#($0)}"# } }

    @Test("A: the first two appends ever are committed in reverse order")
    func firstTwoInReverse() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            var reader = LogReader(log)
            #expect(try await reader.readAll().isHeld == false)
            let first = try await open(fixture)
            let held = try await append(1...1, to: "a-1", in: first, log)
            let second = try await log.append(LogFixture.event(2), to: "b-1")
            #expect(held.position < second.position)
            let batch = try await reader.readAll()
            #expect(reader.seen.isEmpty && batch.isHeld && batch.through == .beginning && batch.isAtFrontier)
            #expect(try await log.frontier() == .beginning)
            try await first.commit()
            #expect(try await reader.readAll().isHeld == false)
            #expect(numbers(reader.seen) == data(1...2))
            #expect(reader.positions == [held.position, second.position])
        }
    }

    @Test("A: the older transaction takes the higher position and commits first")
    func olderTakesHigher() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append(LogFixture.event(0), to: "a-1")
            let older = try await open(fixture)
            let younger = try await open(fixture)
            let olderID: Int64 = try await older.run {
                try $0.query("select pg_current_xact_id()::text::bigint")[0].decode(0)
            }
            let youngerID: Int64 = try await younger.run {
                try $0.query("select pg_current_xact_id()::text::bigint")[0].decode(0)
            }
            #expect(olderID < youngerID)
            let low = try await append(1...1, to: "b-1", in: younger, log)
            let high = try await append(2...2, to: "c-1", in: older, log)
            #expect(low.position < high.position)
            try await older.commit()
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(numbers(reader.seen) == data(0...0))
            try await younger.commit()
            try await reader.readAll()
            #expect(numbers(reader.seen) == data(0...2))
        }
    }

    @Test("A: a younger transaction that commits first is not shown until the older has ended")
    func youngerCommitsFirst() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let older = try await open(fixture)
            try await append(1...1, to: "a-1", in: older, log)
            let younger = try await open(fixture)
            try await append(2...2, to: "b-1", in: younger, log)
            try await younger.commit()
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(reader.seen.isEmpty)
            try await older.rollBack()
            try await reader.readAll()
            #expect(numbers(reader.seen) == data(2...2))
        }
    }

    @Test("A: several slow transactions with several events each")
    func severalSlowTransactions() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            var transactions: [OpenTransaction] = []
            for number in 0..<4 {
                let transaction = try await open(fixture)
                try await append(
                    number * 10...number * 10 + 2, to: StreamName(category: "a", id: number), in: transaction, log)
                transactions.append(transaction)
            }
            for (number, transaction) in transactions.enumerated() {
                try await append(
                    number * 10 + 3...number * 10 + 4, to: StreamName(category: "b", id: number), in: transaction, log)
                try await log.append(LogFixture.event(1_000 + number), to: "c-1")
            }
            var reader = LogReader(log, limit: 3)
            for index in [2, 3, 1] {
                try await transactions[index].commit()
                try await reader.readAll()
                #expect(reader.seen.isEmpty)
            }
            try await transactions[0].commit()
            try await reader.readAll()
            var expected: [Int] = []
            for number in 0..<4 { expected += number * 10...number * 10 + 2 }
            for number in 0..<4 { expected += [number * 10 + 3, number * 10 + 4, 1_000 + number] }
            #expect(numbers(reader.seen) == data(expected))
        }
    }

    @Test("A: a reserver that is slow through many later events")
    func slowReserver() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append(LogFixture.event(0), to: "a-1")
            let slow = try await open(fixture)
            try await append(1...1, to: "slow-1", in: slow, log)
            var reader = LogReader(log)
            for number in 2...61 {
                try await log.append(LogFixture.event(number), to: "a-1")
                try await reader.readAll()
            }
            #expect(numbers(reader.seen) == data(0...0))
            try await slow.commit()
            try await reader.readAll()
            #expect(numbers(reader.seen) == data(0...61))
        }
    }

    @Test("A: a rollback leaves a hole that readers pass without waiting")
    func rollbackLeavesAHole() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append(LogFixture.event(1), to: "a-1")
            let lost = try await open(fixture)
            let hole = try await append(2...4, to: "a-1", in: lost, log)
            let after = try await log.append(LogFixture.event(5), to: "b-1")
            try await lost.rollBack()
            #expect(after.position > hole.position)
            let batch = try await log.read(after: .beginning, limit: 10)
            #expect(numbers(batch.events) == data([1, 5]) && !batch.isHeld && batch.through.position == after.position)
        }
    }

    @Test("A: a hole at the end: the offset stays at the last event, and nothing waits")
    func holeAtTheEnd() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let last = try await log.append(LogFixture.event(1), to: "a-1")
            let lost = try await open(fixture)
            try await append(2...9, to: "a-1", in: lost, log)
            try await lost.rollBack()
            let batch = try await log.read(after: .beginning, limit: 10)
            #expect(!batch.isHeld && batch.isAtFrontier)
            #expect(batch.through.position == last.position && batch.frontier.position == last.position)
        }
    }

    @Test("A: a hole at the very start, and a start on a hole")
    func holeAtTheStart() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let lost = try await open(fixture)
            let hole = try await append(1...1, to: "a-1", in: lost, log)
            var reader = LogReader(log)
            try await reader.readAll()
            try await lost.rollBack()
            #expect(try await reader.readAll().through == .beginning)
            let first = try await log.append(LogFixture.event(2), to: "a-1")
            #expect(first.position > hole.position)
            try await reader.readAll()
            #expect(numbers(reader.seen) == data([2]))

            let second = try await open(fixture)
            let burned = try await append(3...5, to: "a-1", in: second, log)
            try await second.rollBack()
            try await log.append(LogFixture.event(6), to: "a-1")
            for position in burned.position - 2...burned.position + 1 {
                let start = try await log.offset(before: position)
                #expect(start.position == first.position)
                #expect(numbers(try await log.read(after: start, limit: 10).events) == data([6]))
            }
        }
    }

    @Test("A: a field of 50 holes in a few hundred positions is cleared in one read")
    func manyHoles() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            var kept: [Int] = []
            for hole in 0..<50 {
                let lost = try await open(fixture)
                try await append(0...(hole % 5), to: "lost-1", in: lost, log)
                let numbers = (0...(hole % 7)).map { hole * 100 + $0 }
                try await log.append(numbers.map { LogFixture.event($0) }, to: "a-1")
                try await lost.rollBack()
                kept += numbers
            }
            let batch = try await log.read(after: .beginning, limit: 1_000)
            #expect(numbers(batch.events) == data(kept) && batch.isAtFrontier && !batch.isHeld)
        }
    }

    @Test("an appender whose server process is ended holds nothing back any more")
    func terminatedAppender() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let doomed = try await open(fixture)
            try await append(1...1, to: "a-1", in: doomed, log)
            try await log.append(LogFixture.event(2), to: "b-1")
            let processID = doomed.processID
            try await fixture.pool.withSession { try $0.execute("select pg_terminate_backend(\(processID))") }
            await #expect(throws: PostgresError.self) { try await doomed.commit() }
            var reader = LogReader(log)
            try await eventually("the ended append is gone") {
                try await reader.readAll()
                return !reader.seen.isEmpty
            }
            #expect(numbers(reader.seen) == data([2]))
        }
    }

    @Test("appenders to other streams, and readers, never wait for an open append")
    func nobodyWaits() async throws {
        // Whoever waits for a lock fails here instead.
        try await LogFixture.withLog(settings: ["lock_timeout": "200ms"]) { fixture in
            let log = fixture.log
            var transactions: [OpenTransaction] = []
            for number in 0..<5 {
                let transaction = try await open(fixture)
                try await append(0...2, to: StreamName(category: "a", id: number), in: transaction, log)
                transactions.append(transaction)
            }
            for number in 0..<20 {
                try await log.append(LogFixture.event(number), to: StreamName(category: "b", id: number))
                try await log.append([
                    StreamAppend("c-1", [LogFixture.event(1)]), StreamAppend("c-2", [LogFixture.event(2)]),
                ])
            }
            _ = try await log.read(after: .beginning, limit: 10)
            _ = try await log.read(after: .beginning, filter: .types(["Counted"]), limit: 10)
            _ = try await log.read(after: .beginning, filter: .category("a"), limit: 10)
            _ = try await log.readBackward(limit: 10)
            #expect(try await log.readStream("a-1").isEmpty)
            #expect(try await log.readStream("b-1").count == 1)
            for transaction in transactions { try await transaction.commit() }
            #expect(try await log.readStream("a-1").count == 3)
        }
    }

    @Test("no way of reading looks past an open append")
    func everyWayOfReading() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let last = try await log.append(LogFixture.event(1, type: "A"), to: "a-1")
            let slow = try await open(fixture)
            try await append(2...2, to: "slow-1", in: slow, log)
            let hidden = try await log.append(LogFixture.event(3, type: "A"), to: "a-2")
            let filters: [EventFilter] = [
                .all, .types(["A"]), .types(["A", "B"]), .types(["B"]), .category("a"), .category("b"),
            ]
            for filter in filters {
                for limit in [1, 2, 499, 500, 10_000] {
                    var reader = LogReader(log, filter: filter, limit: limit)
                    let batch = try await reader.readAll()
                    #expect(batch.through.position == last.position && batch.frontier.position == last.position)
                    #expect(
                        numbers(reader.seen) == (filter == .types(["B"]) || filter == .category("b") ? [] : data([1])))
                }
                #expect(
                    try await log.readBackward(filter: filter, limit: 10).allSatisfy { $0.position == last.position })
                let from = try await log.readBackward(from: hidden.position, filter: filter, limit: 10)
                #expect(from.allSatisfy { $0.position == last.position })
            }
            #expect(try await log.frontier().position == last.position)
            #expect(try await log.offset(before: .max).position == last.position)
            #expect(try await log.offset(before: hidden.position + 1).position == last.position)
            #expect(
                try await log.offset(recordedBefore: Timestamp(microsecondsSince1970: 1 << 55)).position
                    == last.position)
            let shown = try await log.readStream("a-2")[0].recordedAt
            #expect(try await log.offset(recordedBefore: shown).position == last.position)
            try await slow.rollBack()
            #expect(try await log.frontier().position == hidden.position)
        }
    }

    @Test("a long batch up to a held frontier says that it is held")
    func longBatchIsHeld() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append((0..<600).map { LogFixture.event($0) }, to: "a-1")
            #expect(try await log.read(after: .beginning, limit: 10_000).isHeld == false)
            let slow = try await open(fixture)
            try await append(1...1, to: "slow-1", in: slow, log)
            for limit in [10_000, 499] {
                var reader = LogReader(log, limit: limit)
                let batch = try await reader.readAll()
                #expect(reader.seen.count == 600 && batch.isAtFrontier && batch.isHeld)
            }
            try await slow.rollBack()
        }
    }

    @Test("a filtered reader's offset never passes what is held, and then passes what it does not want")
    func filteredReader() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append(LogFixture.event(1, type: "Rare"), to: "a-1")
            let unwanted = try await log.append((0..<10).map { LogFixture.event($0) }, to: "a-1")
            let slow = try await open(fixture)
            try await slow.run { _ = try log.append([LogFixture.event(2, type: "Rare")], to: "slow-1", in: &$0) }
            let end = try await log.append((0..<10).map { LogFixture.event($0) }, to: "a-1")
            var reader = LogReader(log, filter: .types(["Rare"]))
            try await reader.readAll()
            #expect(reader.offset.position == unwanted.position)
            try await slow.commit()
            try await reader.readAll()
            #expect(numbers(reader.seen) == data([1, 2]))
            #expect(reader.offset.position == end.position)
        }
    }
}
