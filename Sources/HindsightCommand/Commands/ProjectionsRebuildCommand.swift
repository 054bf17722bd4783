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

                --verify compares the new rows with the old ones by key before the swap. Where they differ it shows how, and asks on a \
                terminal; where there is none, it ends with status 1 as --fail-on-difference does. The new rows are kept then: \
                --allow-difference swaps them in, --restart folds them anew, --cancel takes them away. Columns that are new or gone are \
                named, and are no difference; a column of another type, or rows with another key, cannot be compared, which counts as one.
                """)
    }

    @Argument(help: "The projections' names.", completion: NameCompletion<App>.projections)
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

    @Flag(
        help: "Compare new rows with old ones before the swap, and show what differs: asks on a terminal, else refuses."
    )
    var verify = false

    @Flag(help: "Compare, and where rows differ swap nothing in and end with status 1; the new rows wait.")
    var failOnDifference = false

    @Flag(help: "Compare, show what differs, and swap the new rows in all the same.")
    var allowDifference = false

    @Option(help: "verify: compare, and swap nothing in; the next rebuild goes on from there.")
    var until: UntilChoice?

    @Flag(help: "Keep what is replaced, and keep it up to date, for `projections rollback`.")
    var keepOld = false

    @Flag(help: "Put the version that this program declares in the place of a newer one.")
    var replaceNewer = false

    @Flag(help: "Swap the new rows in although more keys are parked than before.")
    var allowParked = false

    @Flag(help: "Give up what an unfinished rebuild has done.")
    var restart = false

    @Flag(help: "Rebuild nothing: give up an unfinished rebuild of whichever version, and drop its tables.")
    var cancel = false

    @Option(help: "Fold the row of one key only, and exchange it: once for each key column.")
    var key: [String] = []

    @Option(help: "Fold only the rows that streams of this category concern, and exchange them.")
    var category: String?

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        if names.isEmpty { throw ValidationError("name one projection or more") }
        if !key.isEmpty, category != nil { throw ValidationError("--key and --category exclude each other") }
        if failOnDifference, allowDifference {
            throw ValidationError("--fail-on-difference and --allow-difference exclude each other")
        }
        if until != nil, failOnDifference || allowDifference {
            throw ValidationError("--until verify swaps nothing in, whether or not rows differ")
        }
        let isWhole =
            verify || failOnDifference || allowDifference || until != nil || keepOld || replaceNewer || allowParked
            || restart
        if cancel, isWhole || selection != nil {
            throw ValidationError("--cancel rebuilds nothing, and goes with names only")
        }
        if selection != nil {
            guard names.count == 1 else { throw ValidationError("--key and --category go with one projection") }
            guard !isWhole else {
                throw ValidationError(
                    """
                    --verify, --fail-on-difference, --allow-difference, --until, --keep-old, --replace-newer, --allow-parked and \
                    --restart are for whole views
                    """)
            }
        }
        if let parallel, !(1...64).contains(parallel) {
            throw ValidationError("--parallel is 1 to 64, not \(parallel)")
        }
        if let memory, memory.bytes < 64_000_000 { throw ValidationError("--memory is 64MB or more") }
    }

    func run() async throws {
        try await App.withRuntime(options, schema: cancel ? .require : .migrate) { runtime in
            guard !cancel else { return try await RebuildCancellation.cancel(names, runtime) }
            let rebuilder = ProjectionRebuilder(runtime.context)
            if let selection { return try await fold(selection, rebuilder, runtime.output) }
            let reports = try await rebuild(names, choices, with: rebuilder, runtime.output)
            try await settle(RebuildDifferences(in: reports, app: runtime.name), with: rebuilder, runtime.output)
        }
    }

    private func rebuild(
        _ names: [String], _ choices: RebuildOptions, with rebuilder: ProjectionRebuilder, _ output: CommandOutput
    ) async throws -> [RebuildReport] {
        let progress = RebuildProgress(output)
        defer { progress.finish() }
        let reports = try await interruptible {
            progress.interruption(restarts: choices.restarts)
        } _: {
            try await rebuilder.rebuild(names, options: choices) { progress.update($0) }
        }
        progress.finish()
        for report in reports { try RebuildReportPrinter.write(report, to: output) }
        try output.flush()
        return reports
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

    /// Shows new rows that differ where this is allowed, and fails for the others.
    private func settle(
        _ differences: RebuildDifferences, with rebuilder: ProjectionRebuilder, _ output: CommandOutput
    ) async throws {
        let mayAsk = policy == .ask && Question.canBeAsked && !output.isJSON
        let allowed = mayAsk ? try await differences.ask() : []
        if !allowed.isEmpty {
            var choices = choices
            choices.verification = .none
            choices.restarts = false  // what was compared is what is to be shown
            _ = try await rebuild(allowed, choices, with: rebuilder, output)
        }
        if let refusal = differences.refusal(of: allowed) { throw refusal }
        if policy.verification == .requireEqual, let doubt = differences.doubt { throw doubt }
    }

    private var policy: DifferencePolicy {
        if until != nil { return .wait }
        if allowDifference { return .allow }
        if failOnDifference { return .refuse }
        return verify ? .ask : .ignore
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
        choices.verification = policy.verification
        choices.keepsOld = keepOld
        choices.replacesNewer = replaceNewer
        choices.allowsMoreParked = allowParked
        choices.restarts = restart
        return choices
    }
}
