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
                the import; what stands before it is stored.

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

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        let reader = try ImportReader(path: file)
        try await App.withRuntime(options, schema: .migrate) { runtime in
            try runtime.log.abilities.require(.verbatimImport, to: "import events as they are, each once")
            await reader.fit(runtime.log.limits)
            let writer = ImportWriter(log: runtime.log, reader: reader)
            let progress = runtime.output.progress("importing", unit: "events")
            defer { progress.finish() }
            let start = ContinuousClock.now
            var count = ImportCount()
            do {
                var next = try await reader.nextBatch()
                while let batch = next {
                    try Task.checkCancellation()
                    async let following = reader.nextBatch()
                    count.add(batch, stored: try await writer.store(batch))
                    progress.update(count.read, fraction: batch.fraction)
                    next = try await following
                }
            } catch let error as CommandError {
                progress.finish()
                throw CommandError(
                    """
                    \(error.description) (\(Table.grouped(count.read)) events before it are stored; import the file again \
                    when this is put right: nothing is stored twice)
                    """)
            }
            progress.finish()
            try count.write(took: ContinuousClock.now - start, to: runtime.output)
        }
    }
}
