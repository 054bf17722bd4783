import Hindsight
import HindsightValues

/// The load alone, for hours: whether memory stays bounded, and what becomes of the latency.
package struct SoakRun: Sendable {
    private let options: SuiteOptions
    private let console: Console

    /// How often memory is looked at. What is told is told every minute.
    private static let interval = Duration.seconds(5)

    /// A run. Nothing happens before ``run()``.
    package init(_ options: SuiteOptions, print: @escaping @Sendable (String) -> Void) {
        self.options = options
        console = Console(print: print)
    }

    /// Runs it to its end.
    ///
    /// - Returns: true if memory is bounded by the rule of ``MemoryTrend``, and everything holds that must hold after a run of faults.
    package func run() async throws -> Bool {
        try await console.judged(options, "soak") { folder, findings in
            try await Suite.with(options, folder, findings) { suite in
                do {
                    try await suite.underLoad(readingEvery: .milliseconds(100)) { try await watch(suite) }
                    try await suite.judge()
                } catch let failure as FaultFailure {
                    findings.note(failure.description)
                }
                try suite.judgeLogs()
                let (reads, refused) = suite.reader.counts
                console.say(
                    "\(suite.appender.count) events appended; \(reads) fresh reads answered, \(refused) told to try again"
                )
            }
        }
    }

    private func watch(_ suite: Suite) async throws {
        var trends: [String: MemoryTrend] = [:]
        var minutes: [Percentiles] = []
        _ = suite.reader.takeLatencies()
        let start = ContinuousClock.now
        let end = start + options.duration
        var told = start
        while .now < end {
            try await Task.sleep(until: min(end, .now + Self.interval))
            for (_, node) in await suite.fleet.nodes {
                if let bytes = ProcessMemory.resident(of: node.id) { trends[node.name, default: .init()].note(bytes) }
            }
            suite.findings.note(try await suite.fleet.findFallen())
            guard .now - told >= .seconds(60) || .now >= end else { continue }
            told = .now
            if let minute = Percentiles(suite.reader.takeLatencies()) {
                minutes.append(minute)
                console.say(line(.now - start, trends, minute))
            }
        }
        for (name, trend) in trends.sorted(by: { $0.key < $1.key }) {
            console.say("\(name): \(Self.summary(trend))")
            if let finding = trend.finding { suite.findings.note("\(name): \(finding)") }
        }
        if let first = minutes.first, let last = minutes.last {
            let worst = minutes.map(\.high).max() ?? 0
            console.say(
                "append -> visible: first p50 \(Self.round(first.median)), p99 \(Self.round(first.high)) ms; last p50 "
                    + "\(Self.round(last.median)), p99 \(Self.round(last.high)) ms; highest p99 \(Self.round(worst)) ms"
            )
        }
    }

    private func line(_ time: Duration, _ trends: [String: MemoryTrend], _ minute: Percentiles) -> String {
        let memory = trends.sorted { $0.key < $1.key }.map { "\($0.key) \(($0.value.last ?? 0) >> 20) MiB" }
        return "\(time.inSeconds): \(memory.joined(separator: ", ")); append -> visible p50 "
            + "\(Self.round(minute.median)) ms, p99 \(Self.round(minute.high)) ms"
    }

    private static func summary(_ trend: MemoryTrend) -> String {
        "first \((trend.first ?? 0) >> 20) MiB, last \((trend.last ?? 0) >> 20) MiB, maximum \((trend.maximum ?? 0) >> 20) MiB"
    }

    private static func round(_ milliseconds: Double) -> Double { (milliseconds * 10).rounded() / 10 }
}
