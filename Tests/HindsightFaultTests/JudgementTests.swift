import FaultSuiteCore
import Testing

@Suite("What the fault suite finds to be wrong", .timeLimit(.minutes(1)))
struct JudgementTests {
    private func line(_ level: String, _ message: String, _ error: String = "") -> NodeLogLine {
        NodeLogLine(level: level, message: message, metadata: error.isEmpty ? [:] : ["error.message": error])
    }

    @Test("Errors that faults bring are expected, and only with a cause that a fault has")
    func expected() {
        let lost = "connection lost: server closed the connection unexpectedly"
        #expect(!ExpectedError.isUnexpected(line("warning", "leases lost, trying again", lost)))
        #expect(
            ExpectedError.isUnexpected(line("warning", "leases lost, trying again", "server error (42P01): no table")))
        #expect(ExpectedError.isUnexpected(line("error", "projection stopped", "the fold failed")))
        #expect(ExpectedError.isUnexpected(line("error", "something new", lost)))
        #expect(!ExpectedError.isUnexpected(line("info", "schema migrated")))
    }

    @Test("A line that is none of the log is unexpected: a process says so when it traps")
    func traps() {
        #expect(LogJudge.unexpected("Fatal error: Index out of range") != nil)
        #expect(LogJudge.unexpected(#"{"level":"info","message":"schema migrated","metadata":{},"time":1}"#) == nil)
        #expect(LogJudge.unexpected(#"{"level":"error","message":"oh","metadata":{},"time":1}"#) != nil)
    }

    private func trend(_ megabytes: [Int]) -> MemoryTrend {
        megabytes.reduce(into: MemoryTrend()) { $0.note($1 << 20) }
    }

    @Test("Memory may fill caches at first, and shake; it may not grow on")
    func memory() {
        #expect(trend([10, 40, 60, 61, 60, 62, 61, 60, 61, 62, 60, 61]).finding == nil)
        #expect(trend((0..<60).map { 60 + $0 % 7 }).finding == nil)
        #expect(trend((0..<60).map { 60 + 2 * $0 }).finding != nil)
        #expect(trend([10, 400]).finding == nil, "too few samples to tell")
    }

    @Test("Percentiles of latencies")
    func percentiles() {
        #expect(Percentiles([]) == nil)
        #expect(Percentiles([3])?.high == 3)
        let hundred = Percentiles((1...100).map(Double.init))
        #expect(hundred?.median == 51 && hundred?.high == 100)
    }

    @Test("The report counts what came about, and tells the worst standstill")
    func report() {
        var report = FaultReport()
        report.note(.killedAtHead, cameAbout: true)
        report.note(.fullDisk, cameAbout: false)
        report.note(.milliseconds(1_230), of: "tally", during: [.killedAtHead])
        #expect(report.survived == 1 && report.survived(.killedAtHead) == 1 && report.survived(.fullDisk) == 0)
        #expect(report.text.contains("worst standstill: 1.23 s of tally, during: node killed at the head"))
        #expect(report.text.contains("its moment did not come"))
    }
}
