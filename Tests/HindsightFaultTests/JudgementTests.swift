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
        // Two of the engine's own transactions that wait for each other are a defect, whatever happens around them.
        for message in ["leases lost, trying again", "batch failed, trying again"] {
            #expect(ExpectedError.isUnexpected(line("warning", message, "server error (40P01): deadlock detected")))
        }
        #expect(ExpectedError.isUnexpected(line("warning", "batch failed, trying again", "cancelled: the batch")))
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

    private func fault(_ kind: FaultKind, _ duration: Duration = .seconds(2)) -> Fault {
        Fault(kind: kind, node: 0, duration: duration, choice: 0)
    }

    @Test("A standstill may last a lease and two seconds for each fault, and as long as the disk is full")
    func bound() {
        func bound(_ faults: Fault...) -> Duration { StandstillBound.bound(for: faults, lease: .seconds(1)) }
        #expect(bound(fault(.restartedImmediately)) == .seconds(3))
        #expect(bound(fault(.suspendedInHandler)) == .seconds(3))
        #expect(bound(fault(.killedAtHead), fault(.restartedFast)) == .seconds(6))
        #expect(bound(fault(.fullDisk)) == .seconds(5))
    }

    @Test("Time in which the server does not answer is not counted, nor what a look takes too long")
    func servedTime() {
        let start = ContinuousClock.now
        var served = ServedTime(at: start)
        func look(_ isAnswered: Bool, _ begin: Int, _ end: Int) {
            served.note(isAnswered, from: start + .milliseconds(begin), to: start + .milliseconds(end))
        }
        look(true, 0, 5)
        look(true, 30, 40)
        #expect(served.now == start + .milliseconds(40))
        look(false, 65, 70)
        look(false, 900, 905)
        look(true, 1_000, 1_010)
        #expect(served.now == start + .milliseconds(50))
        look(true, 1_035, 3_035)
        #expect(served.now == start + .milliseconds(50 + 25 + 250))
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
