public import HindsightValues

extension EventLog {
    /// Reads the whole log, and looks whether each stream's versions follow each other, whether an id is there twice, and whether all of it can
    /// be read.
    ///
    /// It disturbs no writer, and takes as long as reading the log: once for each two million events, so that what is remembered takes 300 MB at
    /// most.
    ///
    /// - Parameter progress: called with how many events were looked at, and the part that is done, 0 to 1. Defaults to nothing.
    /// - Returns: what was found. Where the log cannot be read any further is a finding, and what was not read is said.
    /// - Throws: `CancellationError`; what the log's database throws.
    public func inspect(_ progress: (Int64, Double) -> Void = { _, _ in }) async throws -> HealthReport {
        var report = HealthReport()
        var inspection = EventInspection()
        var last = Offset.beginning
        do {
            let end = try await frontier()
            let parts = EventInspection.parts(through: end.position)
            var seen: Int64 = 0
            for number in 0..<parts {
                inspection.begin(.init(number, of: parts))
                last = .beginning
                try await forEachPage(through: end) { batch in
                    for event in batch.events { inspection.see(event) }
                    last = batch.through
                    seen += Int64(batch.events.count)
                    let share = Double(batch.through.position) / Double(max(end.position, 1))
                    progress(seen, (Double(number) + share) / Double(parts))
                }
            }
        } catch let error as EventLogError where error.isRetriable {
            report.addUnseen("the events behind position \(last.position): \(error)")
        } catch let error as EventLogError {
            report.add(
                HealthFinding(
                    .danger, "The log cannot be read behind position \(last.position).",
                    evidence: ["error": "\(error)"],
                    remedy: "restore the log from a backup or a mirror: readers stop there as well"))
        }
        for finding in inspection.findings(knowsIDs: abilities.contains(.eventsByID)) { report.add(finding) }
        return report
    }

    /// Reads the log page by page from its beginning.
    private func forEachPage(through end: Offset, _ body: (EventBatch) -> Void) async throws {
        let reader = try await reader(after: .beginning, filter: .all)
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
