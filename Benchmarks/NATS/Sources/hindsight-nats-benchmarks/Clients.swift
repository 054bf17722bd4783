import Foundation

/// The two programs that do the same works, each time in a new process: this one, and the one for libnats.
struct Clients: Sendable {
    private let own: String
    private let libnats: String

    /// - Parameter libnats: the path of the program for libnats.
    init(libnats: String) throws {
        guard let own = Bundle.main.executablePath else {
            throw BenchmarkError("this program does not know where it is")
        }
        self.own = own
        self.libnats = libnats
    }

    /// Measures works in pairs, one after the other.
    ///
    /// - Parameters:
    ///   - pairs: how many pairs.
    ///   - figure: what this client does.
    ///   - baseline: what it is compared with.
    ///   - comparesOwn: whether the baseline is a work of this client, too, and not of libnats.
    ///   - url: the server's address.
    ///   - count: how many messages each of them has.
    func pairs(
        _ pairs: Int, _ figure: Work, against baseline: Work, ofOwn comparesOwn: Bool = false, _ url: String,
        _ count: Int
    ) async throws -> [OutcomePair] {
        var measured: [OutcomePair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let outcome = try await outcome(figure, url, count)
            let baselineOutcome =
                comparesOwn
                ? try await self.outcome(baseline, url, count)
                : try await Self.run(libnats, [baseline.rawValue, url, "\(count)"])
            measured.append(OutcomePair(figure: outcome, baseline: baselineOutcome, load: load))
        }
        return measured
    }

    /// Has this client do a work.
    func outcome(_ work: Work, _ url: String, _ count: Int) async throws -> Outcome {
        try await Self.run(own, ["work", work.rawValue, url, "\(count)"])
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> Outcome {
        let output = Pipe()
        let child = Process()
        child.executableURL = URL(fileURLWithPath: program)
        child.arguments = arguments
        child.standardOutput = output
        let status = try await withCheckedThrowingContinuation { continuation in
            child.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try child.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        // One line, which fits into the pipe while nobody reads it.
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        guard status == 0, let outcome = Outcome(text) else {
            throw BenchmarkError(
                "\(program) \(arguments.joined(separator: " ")) ended with \(status) and printed \(text.debugDescription)"
            )
        }
        return outcome
    }
}
