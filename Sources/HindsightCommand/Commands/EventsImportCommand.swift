import ArgumentParser
import Hindsight

/// `events import`: adds a file of events to the log.
struct EventsImportCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "import", abstract: "Append the events of a file.",
            discussion: """
                The file has one JSON object a line, with "stream", "type", "at" (RFC 3339) and "data", and optionally "id", \
                "schema", "correlation", "causation", "meta" (an object) and "recorded". An event is stored once, however often \
                its file is imported: one without an id gets one that follows from what the line says. An invalid line ends \
                the import; what stands before it is stored. An import that was interrupted goes on when it is called again.

                "schema" is the schema version of the data. A line without it has the app's current version of its type, 1 for a type \
                that the app does not know, as in `events append`; an export always says it. Events of types that no event or \
                projection of the app knows are stored, and counted at the end.

                The file may be gzipped. It is then read twice, and nothing is stored of a part (a gzip member) whose checksum \
                or length is wrong, or that is cut short, nor of what follows it. What comes from a pipe is kept in a temporary \
                file in between, in the folder that TMPDIR names, and nothing is stored before it has ended. Zeros behind a \
                part are ignored.

                A key of the line occurs once. Within "data" and "meta" a key may come more than once in an object: the text \
                is stored and exported as it is, and the last value counts, in projections as in SQL.
                """)
    }

    @Argument(help: "The file; - is standard input.", completion: .file())
    var file: String

    @Flag(
        help:
            """
            Decode each event as the app's projections would, and store nothing: names the lines that are no events or cannot be decoded, \
            and then ends with status 1. Needs no database.
            """
    )
    var check = false

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        if check { return try checkFile() }
        let reader = try ImportReader(path: file, vocabulary: App.vocabulary)
        try await App.withLog(options, schema: .migrate) { runtime in
            try runtime.log.abilities.require(.verbatimImport, to: "import events as they are, each once")
            await reader.fit(runtime.log.limits)
            let start = ContinuousClock.now
            let count = try await store(reader, runtime)
            try count.write(took: ContinuousClock.now - start, unknown: await reader.unknown, to: runtime.output)
        }
    }

    private func store(_ reader: ImportReader, _ runtime: LogRuntime) async throws -> ImportCount {
        let writer = ImportWriter(log: runtime.log, reader: reader)
        var count = ImportCount()
        do {
            try await prepare(reader, runtime.output)
            let progress = runtime.output.progress("importing", unit: "events")
            defer { progress.finish() }
            var next = try await reader.nextBatch()
            while let batch = next {
                try Task.checkCancellation()
                async let following = reader.nextBatch()
                count.add(batch, stored: try await writer.store(batch))
                progress.update(count.read, fraction: batch.fraction)
                next = try await following
            }
            return count
        } catch {
            if Task.isCancelled { throw count.interruption(of: reader.name) }
            guard let error = error as? CommandError else { throw error }
            throw CommandError(
                """
                \(error.description) (\(Table.grouped(count.read)) events before it are stored; import the file again \
                when this is put right: nothing is stored twice)
                """)
        }
    }

    /// Checks gzipped data. It has its own progress: the time left of the import must not count it.
    private func prepare(_ reader: ImportReader, _ output: CommandOutput) async throws {
        let progress = output.progress("checking gzip", unit: "events")
        defer { progress.finish() }
        try await reader.prepare { progress.update(fraction: $0) }
    }

    private func checkFile() throws {
        let check = try ImportCheck(path: file, vocabulary: App.vocabulary)
        let output = CommandOutput(program: App.name, isJSON: options.json)
        let start = ContinuousClock.now
        let gzip = output.progress("checking gzip", unit: "lines")
        defer { gzip.finish() }
        try check.prepare { gzip.update(fraction: $0) }
        gzip.finish()
        let progress = output.progress("checking", unit: "lines")
        defer { progress.finish() }
        let findings = try check.run { progress.update($0, fraction: $1) }
        progress.finish()
        try findings.write(took: ContinuousClock.now - start, to: output)
    }
}
