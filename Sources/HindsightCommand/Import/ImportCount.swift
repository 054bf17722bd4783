/// What happened to a file's events.
struct ImportCount: Hashable, Sendable {
    private(set) var read: Int64 = 0
    private(set) var stored: Int64 = 0

    mutating func add(_ batch: ImportBatch, stored: Int) {
        read += Int64(batch.events.count + batch.repetitions)
        self.stored += Int64(stored)
    }

    func write(took: Duration, to output: CommandOutput) throws {
        let estimate = ProgressEstimate(count: read, elapsed: took)
        try output.result(
            [
                "read": .integer(read), "stored": .integer(stored), "already_stored": .integer(read - stored),
                "seconds": .number(estimate.seconds), "rate": .number(estimate.rate.rounded()),
            ],
            text: """
                \(Table.grouped(read)) events read, \(Table.grouped(stored)) stored, \(Table.grouped(read - stored)) were there \
                already; \(estimate.secondsText) s, \(Table.grouped(Int64(estimate.rate))) events/s
                """)
    }
}
