public import HindsightValues

extension EventLog {
    /// Reads the whole log, and looks whether each stream's versions follow each other, whether an id is there twice, and whether all of it can
    /// be read.
    ///
    /// It disturbs no writer, and takes as long as reading the log: once for each two million events, so that what is remembered takes some
    /// 550 MB where each has a stream of its own with a name of 80 letters, and less where streams are longer.
    ///
    /// - Parameter progress: called with how many events were looked at, and the part that is done, 0 to 1. Defaults to nothing.
    /// - Returns: what was found. Where the log cannot be read any further is a finding. What was not read is said, with the reason: the
    ///   log is away, there is none yet, or this role may not read it.
    /// - Throws: `CancellationError`, if the task was cancelled.
    public func inspect(_ progress: (Int64, Double) -> Void = { _, _ in }) async throws -> HealthReport {
        var report = HealthReport()
        var inspection = EventInspection()
        /// Behind which position nothing was read; nil before the first page was asked for.
        var last: Int64?
        do {
            let end = try await frontier()
            let parts = EventInspection.parts(through: end.position)
            var seen: Int64 = 0
            for number in 0..<parts {
                inspection.begin(.init(number, of: parts))
                let reader = try await reader(after: .beginning, filter: .all)
                last = 0
                try await forEachPage(of: reader, through: end) { batch in
                    for event in batch.events { inspection.see(event) }
                    last = batch.through.position
                    seen += Int64(batch.events.count)
                    let share = Double(batch.through.position) / Double(max(end.position, 1))
                    progress(seen, (Double(number) + share) / Double(parts))
                }
            }
        } catch {
            if error is CancellationError { throw error }
            try Task.checkCancellation()
            switch (last, (error as? EventLogError)?.code) {
            case (let last?, .unusableLog):
                report.add(
                    HealthFinding(
                        .danger, "The log cannot be read behind position \(last).",
                        evidence: ["error": "\(error)"],
                        remedy: "restore the log from a backup or a mirror: readers stop there as well"))
            case (let last?, _): report.addUnseen("the events behind position \(last): \(error)")
            case (nil, _): report.addUnseen("the events of the log: \(error)")
            }
        }
        for finding in inspection.findings(knowsIDs: abilities.contains(.eventsByID)) { report.add(finding) }
        return report
    }

    /// Reads the log page by page from its beginning, and closes the reader.
    private func forEachPage(
        of reader: any LogReader, through end: Offset, _ body: (EventBatch) -> Void
    ) async throws {
        do {
            var place = Offset.beginning
            while place.position < end.position {
                try Task.checkCancellation()
                let batch = try await reader.next(limit: 10_000, through: end)
                body(batch)
                place = batch.through
            }
            await reader.close()
        } catch {
            await reader.close()
            throw error
        }
    }
}
