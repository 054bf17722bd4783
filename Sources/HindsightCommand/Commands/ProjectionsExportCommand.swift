import ArgumentParser

/// `projections export`: writes a view's rows.
struct ProjectionsExportCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export", abstract: "Write a view's rows, ordered by key, with the columns in declared order.")
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.views)
    var name: String

    @Option(help: "csv or json. Defaults to csv, with --json to json.")
    var format: RowFormat?

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        if format == .csv, options.json { throw ValidationError("--format csv and --json exclude each other") }
    }

    func run() async throws {
        let format = format ?? (options.json ? .json : .csv)
        try await App.withRuntime(options, schema: .require) { runtime in
            let rows = try await ViewRows(name, runtime)
            let writer = RowWriter(rows, format: format, output: runtime.output)
            try await rows.forEach(order: rows.keyOrder) { try writer.append($0) }
            try writer.finish()
        }
    }
}
