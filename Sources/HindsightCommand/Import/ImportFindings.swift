import Hindsight

/// What a check of a file has found.
package struct ImportFindings: Sendable {
    /// A line with which something is wrong.
    package struct Failure: Hashable, Sendable {
        package var line: Int
        package var reason: String
    }

    /// How many failures are kept with their reasons.
    private static let kept = 20

    let file: String
    /// How many lines were read.
    package internal(set) var read: Int64 = 0
    /// How many of them are invalid, or hold data that their type cannot read.
    package private(set) var failed: Int64 = 0
    /// The first of these.
    package private(set) var failures: [Failure] = []
    /// The events of types that the app does not know, which were not decoded.
    package internal(set) var unknown: UnknownTypes
    /// The line from which on nothing could be read; nil if the end was reached.
    package private(set) var cutAt: Int?

    init(file: String, unknown: UnknownTypes) {
        self.file = file
        self.unknown = unknown
    }

    mutating func fail(line: Int, _ reason: String) {
        failed += 1
        if failures.count < Self.kept { failures.append(Failure(line: line, reason: reason)) }
    }

    /// Notes that there is no reading on from a line.
    mutating func cut(line: Int, _ reason: String) {
        read += 1
        cutAt = line
        fail(line: line, reason)
    }

    /// Reports what was found.
    ///
    /// - Throws: ``CommandError`` if something is wrong with the file.
    func write(took: Duration, to output: CommandOutput) throws {
        let estimate = ProgressEstimate(count: read, elapsed: took)
        var text = failures.map { "\(file):\($0.line): \($0.reason)\n" }.joined()
        if failed > failures.count { text += "and \(Table.grouped(failed - Int64(failures.count))) more\n" }
        text += """
            \(Table.grouped(read)) lines read, \(Table.grouped(read - undecoded)) decoded, nothing stored; \
            \(estimate.secondsText) s, \(Table.grouped(Int64(estimate.rate))) lines/s\(unknown.text)
            """
        try output.result(
            [
                "read": .integer(read), "decoded": .integer(read - undecoded), "failed": .integer(failed),
                "failures": .array(
                    failures.map { .object(["line": OutputValue($0.line), "reason": .string($0.reason)]) }),
                "unknown_types": unknown.fields, "seconds": .number(estimate.seconds),
                "rate": .number(estimate.rate.rounded()),
            ],
            text: text)
        guard failed > 0 else { return }
        let rest = cutAt.map { "; from line \($0) on nothing can be read" } ?? ""
        throw CommandError(
            """
            \(file): \(Table.grouped(failed)) of \(Table.grouped(read)) lines are no events, or cannot be decoded by this app, the \
            first is line \(failures[0].line)\(rest)
            """)
    }

    /// How many lines were not decoded: those that failed, and those of unknown types.
    private var undecoded: Int64 { failed + unknown.counts.values.reduce(0, +) }
}
