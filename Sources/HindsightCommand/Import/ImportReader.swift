import Hindsight

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads a file as batches of events: one batch is read while another one is stored.
package actor ImportReader {
    /// The file's name in messages.
    nonisolated let name: String
    private let content: PlainBytes
    private let lines: LineReader
    private let vocabulary: EventVocabulary
    private var limits: ImportBatch.Limits
    private var parser = LineParser()
    private var identities = EventIdentities()
    private var failure: (any Error)?
    private var isAtEnd = false
    /// A line that did not fit into the previous batch.
    private var leftOver: (event: StreamEvent, line: Int)?
    /// The events that were read and whose type the app does not know.
    package private(set) var unknown: UnknownTypes

    /// Opens a file, plain or gzipped; `-` is standard input.
    ///
    /// - Parameters:
    ///   - vocabulary: the types that the app knows; a line that says no schema version has the current one of its type.
    ///   - limits: the limits of a batch.
    /// - Throws: ``CommandError``.
    package init(
        path: String, vocabulary: EventVocabulary = EventVocabulary(), limits: ImportBatch.Limits = ImportBatch.Limits()
    ) throws {
        let file = try InputFile(path: path)
        name = file.name
        content = PlainBytes(file)
        lines = LineReader(content)
        self.vocabulary = vocabulary
        unknown = UnknownTypes(vocabulary)
        self.limits = limits
    }

    /// Checks the file if it is gzipped, which takes a reading of the whole of it.
    ///
    /// - Parameter progress: called now and then with the fraction that has been checked, if known.
    /// - Throws: ``CommandError``.
    package func prepare(progress: @Sendable (Double?) -> Void = { _ in }) throws {
        do {
            try content.prepare(progress: progress)
        } catch {
            throw located(error)
        }
    }

    /// Limits batches to what a log accepts in one append, and events to those that it accepts.
    func fit(_ log: EventLogLimits) {
        limits.fit(log)
        parser = LineParser(limits: log)
    }

    /// The next events; nil after the last ones. Events before an invalid line are returned before the error is thrown.
    ///
    /// - Throws: ``CommandError`` with file, line and reason.
    package func nextBatch() throws -> ImportBatch? {
        if let failure { throw failure }
        var batch = ImportBatch()
        var places: [UUID: Int] = [:]
        var streams: Set<StreamName> = []
        var bytes = 0
        do {
            while let next = try nextEvent() {
                let (event, line) = next
                if let place = places[event.event.id] {
                    guard batch.events[place].isSame(as: event) else {
                        throw ImportError(
                            "id \(event.event.id.uuidString.lowercased()) is that of line \(batch.lines[place]), which says something else"
                        )
                    }
                    batch.repetitions += 1
                    continue
                }
                let isNewStream = !streams.contains(event.stream)
                bytes += event.event.data.count + (event.event.metadata?.count ?? 0)
                if !batch.events.isEmpty, bytes > limits.bytes || isNewStream && streams.count == limits.streams {
                    leftOver = next
                    break
                }
                if isNewStream { streams.insert(event.stream) }
                places[event.event.id] = batch.events.count
                batch.append(event, line: line)
                if batch.events.count == limits.events { break }
            }
        } catch {
            failure = located(error)
            if batch.events.isEmpty { throw located(error) }
        }
        batch.fraction = content.fraction
        return batch.events.isEmpty ? nil : batch
    }

    private func nextEvent() throws -> (event: StreamEvent, line: Int)? {
        if let leftOver {
            self.leftOver = nil
            return leftOver
        }
        guard let bytes = try lines.next() else { return nil }
        let line = try parser.parse(bytes)
        unknown.note(line.type)
        let id =
            line.id ?? identities.next(stream: line.stream.rawValue, type: line.type, at: line.at, data: line.data)
        return (line.event(id: id, currentVersion: vocabulary.currentVersion(of: line.type)), lines.number)
    }

    private func located(_ error: any Error) -> any Error {
        guard let error = error as? ImportError else { return error }
        return CommandError("\(name):\(max(1, lines.number)): \(error.reason)")
    }

    /// An error that names a line of the file.
    nonisolated func error(line: Int, _ reason: String) -> CommandError {
        CommandError("\(name):\(line): \(reason)")
    }

    /// An error that names the lines of a batch.
    nonisolated func error(_ batch: ImportBatch, _ reason: String) -> CommandError {
        guard let first = batch.lines.first, let last = batch.lines.last, first < last else {
            return error(line: batch.lines.first ?? 1, reason)
        }
        return CommandError("\(name):\(first)-\(last): \(reason)")
    }
}
