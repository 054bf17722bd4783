import ArgumentParser
import Hindsight

/// `projections rebuild`: fills new tables from the whole log, and swaps them in when they are complete.
struct ProjectionsRebuildCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "rebuild",
            abstract: "Fill a view anew from the whole log, beside the one that is shown, and swap it in.",
            discussion: """
                Readers see the old rows until the new ones are complete, and the engine keeps the old ones up to date. Killed, it goes \
                on from its last checkpoint when it is called again, in whichever process; while another process rebuilds a \
                projection, this one follows it. With several names, one reading of the log serves all of them.
                """)
    }

    @Argument(help: "The projections' names.")
    var names: [String]

    @Option(
        help:
            "How many ranges of the log are read and decoded at once, 1 to 64. Defaults to one more than there are cores, 4 at most."
    )
    var parallel: Int?

    @Option(
        help:
            "How much memory it may take, 64MB or more: bytes, or a number with kB, MB, GB, KiB, MiB or GiB. Defaults to 512MiB."
    )
    var memory: ByteSize?

    @Option(help: "At most so many events a second, or auto: yield while others append.")
    var throttle: ThrottleChoice?

    @Flag(help: "Compare new rows with old ones before the swap, and show what differs.")
    var verify = false

    @Option(help: "verify: compare, and swap nothing in; the next rebuild goes on from there.")
    var until: UntilChoice?

    @Flag(help: "Keep what is replaced, and keep it up to date, for `projections rollback`.")
    var keepOld = false

    @Flag(help: "Put the version that this program declares in the place of a newer one.")
    var replaceNewer = false

    @Flag(help: "Give up what an unfinished rebuild has done.")
    var restart = false

    @Option(help: "Fold the row of one key only, and exchange it: once for each key column.")
    var key: [String] = []

    @Option(help: "Fold only the rows that streams of this category concern, and exchange them.")
    var category: String?

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        if names.isEmpty { throw ValidationError("name one projection or more") }
        if !key.isEmpty, category != nil { throw ValidationError("--key and --category exclude each other") }
        if selection != nil {
            guard names.count == 1 else { throw ValidationError("--key and --category go with one projection") }
            guard !verify, until == nil, !keepOld, !replaceNewer, !restart else {
                throw ValidationError(
                    "--verify, --until, --keep-old, --replace-newer and --restart are for whole views")
            }
        }
        if let parallel, !(1...64).contains(parallel) {
            throw ValidationError("--parallel is 1 to 64, not \(parallel)")
        }
        if let memory, memory.bytes < 64_000_000 { throw ValidationError("--memory is 64MB or more") }
    }

    func run() async throws {
        try await App.withRuntime(options, schema: .migrate) { runtime in
            let rebuilder = ProjectionRebuilder(runtime.context)
            if let selection { return try await fold(selection, rebuilder, runtime.output) }
            let progress = RebuildProgress(runtime.output)
            defer { progress.finish() }
            let reports = try await interruptible {
                progress.interruption(restarts: restart)
            } _: {
                try await rebuilder.rebuild(names, options: choices) { progress.update($0) }
            }
            progress.finish()
            for report in reports { try RebuildReportPrinter.write(report, to: runtime.output) }
        }
    }

    private func fold(
        _ selection: RebuildSelection, _ rebuilder: ProjectionRebuilder, _ output: CommandOutput
    ) async throws {
        let report = try await interruptible {
            UnfinishedWork("interrupted; the rows stay as they are, and the same command folds them anew")
        } _: {
            try await rebuilder.rebuild(selection, of: names[0], options: choices)
        }
        try RebuildReportPrinter.write(report, to: output)
    }

    private var selection: RebuildSelection? {
        category.map { .category($0) } ?? (key.isEmpty ? nil : .key(key))
    }

    private var choices: RebuildOptions {
        var choices = RebuildOptions()
        choices.readers = parallel
        // "64MB" should be enough.
        if let memory { choices.memoryBytes = max(64 << 20, memory.bytes) }
        choices.throttle = throttle?.throttle ?? .none
        choices.verification = until == nil ? (verify ? .compare : .none) : .only
        choices.keepsOld = keepOld
        choices.replacesNewer = replaceNewer
        choices.restarts = restart
        return choices
    }
}

/// The values of `--until`.
enum UntilChoice: String, ExpressibleByArgument {
    case verify
}

/// The values of `--throttle`.
struct ThrottleChoice: ExpressibleByArgument {
    let throttle: RebuildOptions.Throttle

    init?(argument: String) {
        if argument == "auto" {
            throttle = .automatic
        } else if let rate = Double(argument), rate > 0, rate.isFinite {
            throttle = .eventsPerSecond(rate)
        } else {
            return nil
        }
    }
}

/// A number of bytes in human notation.
struct ByteSize: ExpressibleByArgument, Hashable {
    let bytes: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let unit = argument.dropFirst(digits.count).drop { $0 == " " }
        let factors: [String: Double] = [
            "": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1024, "MiB": 1_048_576,
            "GiB": 1_073_741_824,
        ]
        guard let number = Double(digits), let factor = factors[String(unit)], number * factor < 1e18 else {
            return nil
        }
        bytes = Int(number * factor)
    }
}
