import HindsightCommand
import Synchronization
import Testing

@Suite("Output", .timeLimit(.minutes(1)))
struct OutputTests {
    @Test func quotesFieldsOfCSVWhereItMust() {
        var bytes: [UInt8] = []
        CSVWriter.append(["plain", "a,b", "say \"x\"", "two\nlines", "", nil, " space "], to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"\",, space \n")
    }

    @Test func alignsTables() throws {
        let lines = Mutex<[String]>([])
        var table = Table([.init(name: "n", alignment: .right), .init(name: "name"), .init(name: "x")], sampleSize: 2) {
            line in lines.withLock { $0.append(line) }
        }
        try table.append(["1", "one", ""])
        #expect(lines.withLock { $0.isEmpty }, "the widths are not known yet")
        try table.append(["100", "hun\tdred", "y"])
        try table.append(["12345", "z", "y"])
        try table.finish()
        #expect(
            lines.withLock { $0 } == [
                "  n  name      x", "---  --------  -", "  1  one", "100  hun dred  y", "12345  z         y",
            ])
    }

    /// The lines of a table with one row.
    private func lines(_ cells: [String], _ layout: TableLayout) throws -> [String] {
        let lines = Mutex<[String]>([])
        var table = Table(
            [
                .init(name: "a"), .init(name: "b", isExpendable: true), .init(name: "c", isExpendable: true),
                .init(name: "d"),
            ],
            layout: layout
        ) { line in lines.withLock { $0.append(line) } }
        try table.append(cells)
        try table.finish()
        return lines.withLock { $0 }
    }

    @Test func leavesOutColumnsForWhichThereIsNoRoom() throws {
        let cells = ["aaa", "bbb", "ccc", "ddd"]
        #expect(try lines(cells, TableLayout(width: 18)).last == "aaa  bbb  ccc  ddd")
        #expect(try lines(cells, TableLayout(width: 17)).last == "aaa  bbb  ddd")
        #expect(try lines(cells, TableLayout(width: 12)).last == "aaa  ddd")
        #expect(try lines(cells, TableLayout(width: 7)).last == "aaa  ddd", "these cannot be done without")
        #expect(try lines(cells, TableLayout(width: 7, mayTurnVertical: true)) == ["a  aaa", "d  ddd"])
        #expect(
            try lines(cells, TableLayout(width: nil, isVertical: true)) == ["a  aaa", "b  bbb", "c  ccc", "d  ddd"])
    }

    @Test func leavesOutColumnsWithNothingInThem() throws {
        let cells = ["aaa", "", "ccc", ""]
        #expect(
            try lines(cells, TableLayout(width: nil, omitsEmptyColumns: true)) == ["a    c", "---  ---", "aaa  ccc"])
        #expect(try lines(cells, .unlimited).last == "aaa     ccc")
    }

    @Test func estimatesTheTimeLeft() {
        let estimate = ProgressEstimate(count: 30_000, fraction: 0.25, elapsed: .seconds(30))
        #expect(
            estimate.bar(activity: "importing", unit: "events")
                == "importing [#####...............] 25 % 30,000 events, 1,000/s, 1:30 left")
        let open = ProgressEstimate(count: 10, elapsed: .seconds(2))
        #expect(open.bar(activity: "reading", unit: "events") == "reading 10 events, 5/s")
    }
}
