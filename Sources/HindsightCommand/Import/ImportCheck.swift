import Hindsight

/// Reads a file as an import would and decodes each event as the app's projections would, without storing any.
package final class ImportCheck {
    private let name: String
    private let content: PlainBytes
    private let lines: LineReader
    private let vocabulary: EventVocabulary
    private var parser = LineParser()

    /// Opens a file, plain or gzipped; `-` is standard input.
    ///
    /// - Throws: ``CommandError``.
    package init(path: String, vocabulary: EventVocabulary) throws {
        let file = try InputFile(path: path)
        name = file.name
        content = PlainBytes(file)
        lines = LineReader(content)
        self.vocabulary = vocabulary
    }

    /// Checks the file if it is gzipped, which takes a reading of the whole of it.
    package func prepare(progress: (Double?) -> Void) throws {
        do {
            try content.prepare(progress: progress)
        } catch let error as ImportError {
            throw CommandError("\(name): \(error.reason)")
        }
    }

    /// Reads all lines. An invalid line does not end it, unlike an import.
    ///
    /// - Parameter progress: called after each line with the number of lines and the fraction that is read, if known.
    /// - Throws: ``CommandError`` when the file cannot be read; `CancellationError`.
    package func run(progress: (Int64, Double?) -> Void = { _, _ in }) throws -> ImportFindings {
        var findings = ImportFindings(file: name, unknown: UnknownTypes(vocabulary))
        while true {
            do {
                guard let bytes = try lines.next() else { return findings }
                findings.read += 1
                try check(bytes, &findings)
            } catch let error as ImportError where lines.number == findings.read {
                findings.fail(line: lines.number, error.reason)
            } catch let error as ImportError {
                // The line is too long, or in damaged gzip data.
                findings.cut(line: lines.number, error.reason)
                return findings
            }
            if lines.number % 1_000 == 0 {
                try Task.checkCancellation()
                progress(findings.read, content.fraction)
            }
        }
    }

    private func check(_ bytes: UnsafeRawBufferPointer, _ findings: inout ImportFindings) throws {
        let line = try parser.parse(bytes)
        guard findings.unknown.note(line.type) else { return }
        let version = line.schema ?? vocabulary.currentVersion(of: line.type)
        if let refusal = vocabulary.refusal(line.type, version, data: line.data) { throw ImportError(refusal) }
    }
}
