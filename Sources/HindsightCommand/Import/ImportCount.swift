/// What happened to a file's events.
struct ImportCount: Hashable, Sendable {
    private(set) var read: Int64 = 0
    private(set) var stored: Int64 = 0
    /// The last line whose event is stored; 0 if there is none.
    private(set) var line = 0

    mutating func add(_ batch: ImportBatch, stored: Int) {
        read += Int64(batch.events.count + batch.repetitions)
        self.stored += Int64(stored)
        line = batch.lines.last ?? line
    }

    /// What to tell when an import of a file is interrupted.
    func interruption(of file: String) -> UnfinishedWork {
        guard read > 0 else {
            return UnfinishedWork(
                "interrupted at the beginning of \(file); the same command goes on and stores nothing twice")
        }
        return UnfinishedWork(
            """
            interrupted: \(Table.grouped(read)) events of \(file) are stored, up to line \(line); the same command goes on and \
            stores nothing twice
            """)
    }

    func write(took: Duration, unknown: UnknownTypes, to output: CommandOutput) throws {
        let estimate = ProgressEstimate(count: read, elapsed: took)
        try output.result(
            [
                "read": .integer(read), "stored": .integer(stored), "already_stored": .integer(read - stored),
                "unknown_types": unknown.fields, "seconds": .number(estimate.seconds),
                "rate": .number(estimate.rate.rounded()),
            ],
            text: """
                \(Table.grouped(read)) events read, \(Table.grouped(stored)) stored, \(Table.grouped(read - stored)) were there \
                already; \(estimate.secondsText) s, \(Table.grouped(Int64(estimate.rate))) events/s\(unknown.text)
                """)
    }
}
