import Hindsight

/// The projections whose new rows wait because they differ from those that are shown.
struct RebuildDifferences {
    let reports: [RebuildReport]
    let app: String
    /// The projections that another process has rebuilt meanwhile, whose rows were not compared here.
    private let uncompared: [String]

    /// - Parameter reports: the outcome of a rebuild.
    init(in reports: [RebuildReport], app: String) {
        self.reports = reports.filter { report in
            switch report.outcome {
            case .differs: true
            case .swapped, .verified, .doneElsewhere: false
            }
        }
        self.app = app
        uncompared = reports.filter { $0.outcome == .doneElsewhere }.map(\.name)
    }

    /// Asks about each of them.
    ///
    /// - Returns: the names of those whose new rows are to be shown.
    func ask() async throws -> [String] {
        var names: [String] = []
        for report in reports {
            if try await Question.ask("show the new rows of \(report.name) all the same?") { names.append(report.name) }
        }
        return names
    }

    /// Why the new rows of those that were not allowed are not shown, and what can be done; nil if all were.
    func refusal(of allowed: [String]) -> CommandError? {
        let refused = reports.filter { !allowed.contains($0.name) }
        guard !refused.isEmpty else { return nil }
        let names = refused.map(\.name)
        let command = "\(app) projections rebuild \(names.joined(separator: " "))"
        let isBehind = refused.contains { $0.comparison.map { $0.oldOffset < $0.newOffset } ?? false }
        return CommandError(
            """
            the new rows of \(names.joined(separator: ", ")) differ from the old ones, which are still shown, and wait: \
            `\(command) --allow-difference` shows them, `\(command) --restart` folds them anew with a mended fold, \
            `\(command) --cancel` takes them away\(isBehind ? ". \(hint)" : "")
            """)
    }

    /// Why it cannot be said that nothing differs; nil if everything was compared.
    var doubt: CommandError? {
        guard !uncompared.isEmpty else { return nil }
        return CommandError(
            """
            \(uncompared.joined(separator: ", ")): another process has rebuilt it meanwhile, with options of its own, and the rows \
            were not compared here
            """)
    }

    private var hint: String {
        "Old rows that are behind the new ones can be brought up to date first, with `\(app) run --until-caught-up`"
    }
}
