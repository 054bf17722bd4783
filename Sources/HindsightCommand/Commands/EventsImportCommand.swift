import ArgumentParser
import Hindsight

/// `events import`: a file of events into the log.
struct EventsImportCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "import", abstract: "Append the events of a file.",
            discussion: """
                The file has one JSON object a line, with "stream", "type", "at" (RFC 3339) and "data", and optionally "id", \
                "schema", "correlation", "causation", "meta" (an object) and "recorded"; it may be gzipped. An event is stored \
                once, however often its file is imported: one without an id gets one that follows from what the line says. An \
                invalid line ends the import; what stands before it is stored.
                """)
    }

    @Argument(help: "The file; - is standard input.", completion: .file())
    var file: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        let reader = try ImportReader(path: file)
        try await App.withRuntime(options, schema: .migrate) { runtime in
            await reader.fit(runtime.log.configuration.limits)
            let writer = ImportWriter(log: runtime.log, reader: reader)
            let progress = runtime.output.progress("importing", unit: "events")
            defer { progress.finish() }
            let start = ContinuousClock.now
            var count = ImportCount()
            var next = try await reader.nextBatch()
            while let batch = next {
                try Task.checkCancellation()
                async let following = reader.nextBatch()
                count.add(batch, stored: try await writer.store(batch))
                progress.update(count.read, fraction: batch.fraction)
                do {
                    next = try await following
                } catch let error as CommandError {
                    progress.finish()
                    runtime.output.note("\(Table.grouped(count.read)) events before it are stored")
                    throw error
                }
            }
            progress.finish()
            try count.write(took: ContinuousClock.now - start, to: runtime.output)
        }
    }
}
