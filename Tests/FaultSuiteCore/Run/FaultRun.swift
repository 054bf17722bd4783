import Hindsight
import HindsightValues

/// A run of faults under load, and its judgement.
package struct FaultRun: Sendable {
    private let options: SuiteOptions
    private let console: Console

    /// A run. Nothing happens before ``run()``.
    ///
    /// - Parameter print: takes the lines that tell what happens.
    package init(_ options: SuiteOptions, print: @escaping @Sendable (String) -> Void) {
        self.options = options
        console = Console(print: print)
    }

    /// Runs it to its end.
    ///
    /// - Returns: true if everything that must hold did.
    /// - Throws: errors of the suite itself; `CancellationError`.
    package func run() async throws -> Bool {
        try await console.judged(options, "faults") { folder, findings in
            try await Suite.with(options, folder, findings) { suite in
                if suite.disk == nil, options.kinds.contains(.fullDisk) {
                    console.say("\(FaultKind.fullDisk.rawValue): skipped, because \(suite.diskReason)")
                }
                var report = FaultReport()
                let start = ContinuousClock.now
                do {
                    try await suite.underLoad(readingEvery: .milliseconds(60)) {
                        try await disturb(suite, since: start, &report)
                    }
                    try await suite.judge()
                } catch let failure as FaultFailure {
                    findings.note(failure.description)
                }
                try suite.judgeLogs()
                tell(suite, report, start)
            }
        }
    }

    private func tell(_ suite: Suite, _ report: FaultReport, _ start: ContinuousClock.Instant) {
        console.say(report.text)
        let (reads, refused) = suite.reader.counts
        if reads == 0 { suite.findings.note("no fresh read was answered") }
        if report.kindsTried >= 4, report.kindsSurvived * 2 < report.kindsTried {
            suite.findings.note("of \(report.kindsTried) kinds of fault only \(report.kindsSurvived) came about")
        }
        console.say(
            "\(suite.appender.count) events appended; \(reads) fresh reads answered, \(refused) told to try again; "
                + "\((ContinuousClock.now - start).inSeconds)")
    }

    private func disturb(
        _ suite: Suite, since start: ContinuousClock.Instant, _ report: inout FaultReport
    ) async throws {
        let kinds = options.kinds.filter { $0 != .fullDisk || suite.disk != nil }
        let end = start + options.duration
        var steps = 0
        var seen = 0
        for step in FaultSchedule(seed: options.seed, kinds: kinds) {
            if options.endsAfterOneRound, seen >= kinds.count { break }
            guard .now + step.pause < end else { break }
            try await Task.sleep(for: step.pause)
            let begin = ContinuousClock.now
            _ = suite.meter.takeWorst()
            let outcomes = try await inject(step.faults, by: suite.injector)
            try await suite.database.survive(step.faults.map(\.kind.rawValue).joined(separator: " + "))
            let worst = suite.meter.takeWorst()
            let came = zip(step.faults, outcomes).filter { $1 != .missed }.map(\.0.kind)
            report.note(worst.whole.duration, of: worst.whole.projection, during: came)
            let bound = StandstillBound.bound(for: step.faults, lease: LoadProjections.leaseDuration)
            if worst.served.duration > bound {
                suite.findings.note(
                    """
                    \(step.faults.map(\.kind.rawValue).joined(separator: " + ")): \(worst.served.projection) stood still for \
                    \(worst.served.duration.inSeconds) while the server answered; the promise is \(bound.inSeconds)
                    """)
            }
            for (fault, outcome) in zip(step.faults, outcomes) {
                report.note(fault.kind, cameAbout: outcome != .missed)
            }
            steps += 1
            seen += step.faults.count
            let fallen = try await suite.fleet.findFallen()
            suite.findings.note(fallen)
            if !fallen.isEmpty { try await suite.fleet.startAll() }
            let what = zip(step.faults, outcomes).map(Self.description).joined(separator: " + ")
            console.say(
                "\((begin - start).inSeconds): \(what): \(worst.whole.projection) stood still for \(worst.whole.duration.inSeconds)"
            )
        }
    }

    private static func description(_ fault: Fault, _ outcome: FaultInjector.Outcome) -> String {
        switch outcome {
        case .done(let detail): fault.kind.rawValue + (detail.isEmpty ? "" : " (\(detail))")
        case .missed: "\(fault.kind.rawValue): its moment did not come"
        }
    }

    /// Brings about the faults of a step at once; returns their outcomes in their order.
    private func inject(_ faults: [Fault], by injector: FaultInjector) async throws -> [FaultInjector.Outcome] {
        try await withThrowingTaskGroup(of: (Int, FaultInjector.Outcome).self) { tasks in
            for (index, fault) in faults.enumerated() {
                tasks.addTask {
                    do {
                        return (index, try await injector.inject(fault))
                    } catch let error as FaultFailure {
                        throw error
                    } catch let error where !(error is CancellationError) {
                        throw FaultFailure("\(fault.kind.rawValue): \(String(reflecting: error))")
                    }
                }
            }
            var outcomes = faults.map { _ in FaultInjector.Outcome.missed }
            for try await (index, outcome) in tasks { outcomes[index] = outcome }
            return outcomes
        }
    }
}
