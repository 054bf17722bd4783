/// Tells what happens, and how a run ended.
struct Console: Sendable {
    let print: @Sendable (String) -> Void

    func say(_ text: String) { print(text) }

    /// Runs `body` with folders and a place for what it finds; tells what that is, and how to repeat it.
    ///
    /// - Parameter flag: the option of `scripts/test` that starts such a run.
    /// - Returns: true if nothing was found.
    func judged(
        _ options: SuiteOptions, _ flag: String, _ body: (SuiteFolder, Findings) async throws -> Void
    ) async throws -> Bool {
        let folder = try SuiteFolder.make(logs: options.logs)
        let findings = Findings()
        say("\(flag): seed \(options.seed), logs in \(folder.logs)")
        do {
            try await body(folder, findings)
        } catch is CancellationError {
            if options.logs == nil { try folder.removeLogs() }
            throw CancellationError()
        }
        let found = findings.all
        guard !found.isEmpty else {
            if options.logs == nil { try folder.removeLogs() }
            return true
        }
        for finding in found { say("FAILED: \(finding)") }
        say("again: seed \(options.seed); the logs of the nodes are in \(folder.logs)")
        return false
    }
}
