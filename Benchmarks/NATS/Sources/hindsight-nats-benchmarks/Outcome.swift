import Foundation

/// What a work took, as a line: `SECONDS PROCESSOR-SECONDS PEAK-BYTES`.
struct Outcome {
    var seconds: Double
    /// Of all threads of the process, in user and kernel.
    var processorSeconds: Double
    /// The most memory that the process ever had, in bytes.
    var peakBytes: Double

    /// Does a work in this process and measures it.
    static func of(_ work: () async throws -> Void) async throws -> Outcome {
        let start = ContinuousClock.now
        let before = processorSeconds()
        try await work()
        return Outcome(
            seconds: (ContinuousClock.now - start).seconds, processorSeconds: processorSeconds() - before,
            peakBytes: try peakBytes())
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func peakBytes() throws -> Double {
        #if os(Linux)
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            guard let match = status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/), let kilobytes = Double(match.1) else {
                throw BenchmarkError("/proc/self/status has no line VmHWM")
            }
            return kilobytes * 1024
        #else
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return Double(usage.ru_maxrss)
        #endif
    }
}

extension Outcome: LosslessStringConvertible {
    init?(_ line: String) {
        let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard numbers.count == 3 else { return nil }
        self.init(seconds: numbers[0], processorSeconds: numbers[1], peakBytes: numbers[2])
    }

    var description: String { "\(seconds) \(processorSeconds) \(Int(peakBytes))" }
}
