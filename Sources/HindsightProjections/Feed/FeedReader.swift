import HindsightLog

/// An error of reading the log, as opposed to one of the consumer.
struct ReadingError: Error {
    let cause: any Error
}

/// Reads what a consumer demands. As long as each demand continues the last one, it keeps one reader of the log, for which the log may
/// hold resources.
actor FeedReader {
    private let log: any EventLog
    private var open: (reader: any LogReader, offset: Offset, filter: EventFilter)?

    init(_ log: any EventLog) {
        self.log = log
    }

    func read(_ demand: FeedDemand) async throws -> EventBatch {
        do {
            let reader = try await reader(for: demand)
            let batch = try await reader.next(
                limit: demand.limit, maximumBytes: demand.maximumBytes, through: demand.end)
            open?.offset = batch.through
            return batch
        } catch {
            await close()
            throw ReadingError(cause: error)
        }
    }

    func close() async {
        let reader = open?.reader
        open = nil
        await reader?.close()
    }

    private func reader(for demand: FeedDemand) async throws -> any LogReader {
        if let open, open.offset == demand.offset, open.filter == demand.filter { return open.reader }
        await close()
        let reader = try await log.reader(after: demand.offset, filter: demand.filter)
        open = (reader, demand.offset, demand.filter)
        return reader
    }
}
