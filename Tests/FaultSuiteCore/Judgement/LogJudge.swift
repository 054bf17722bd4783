#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the logs of the nodes and of the suite, and says what in them is not expected.
package enum LogJudge {
    /// How a line that is not expected, or the few first ones like it, are told.
    private static let most = 10

    static func findings(in folder: String) throws -> [String] {
        var found: [String: (first: String, count: Int)] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where file.hasSuffix(".log") {
            guard file != "server.log" else { continue }
            let text = String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\(file)")), as: UTF8.self)
            for (number, line) in text.split(separator: "\n").enumerated() {
                guard let (kind, whole) = unexpected(String(line)) else { continue }
                let known = found[kind] ?? ("\(file), line \(number + 1): \(whole)", 0)
                found[kind] = (known.first, known.count + 1)
            }
        }
        let all = found.values.sorted { $0.first < $1.first }
            .map { "not an expected error, \($0.count) times, first in \($0.first)" }
        return Array(all.prefix(most)) + (all.count > most ? ["and \(all.count - most) more kinds of errors"] : [])
    }

    /// What a line is that is not expected, for counting, and its text; nil for a line that is fine.
    package static func unexpected(_ text: String) -> (kind: String, text: String)? {
        // What is no line of the log is what the language's runtime says when a process traps.
        guard let line = try? JSONDecoder().decode(NodeLogLine.self, from: Data(text.utf8)) else { return (text, text) }
        guard ExpectedError.isUnexpected(line) else { return nil }
        let error = (line.metadata["error.message"] ?? "").filter { !$0.isNumber }
        return (line.message + error, text)
    }

    /// Lines of the server's own log that no fault explains: it panicked, or one of its processes crashed.
    static func serverFindings(_ log: String) -> [String] {
        log.split(separator: "\n").filter {
            $0.contains("PANIC:") || $0.contains("was terminated by signal 6") || $0.contains("by signal 11")
        }.prefix(most).map { "the server's log: \($0)" }
    }
}
