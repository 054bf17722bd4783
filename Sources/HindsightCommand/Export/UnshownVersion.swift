import Hindsight

/// Says that a view does not show the version that this program declares, and what can be done about it.
struct UnshownVersion {
    let app: String
    let name: String
    /// The newest version that the program declares.
    let declared: Int
    let shown: ShownView

    /// For rows that cannot be read, because they lack columns.
    var error: CommandError {
        let lack = "which has no column \(shown.missing.joined(separator: ", "))"
        switch (shown.version < declared, shown.isRolledBack) {
        case (true, false):
            return CommandError("\(notFilled): version \(shown.version) is shown, \(lack). \(filling)")
        case (true, true):
            return CommandError(
                """
                version \(shown.version) of "\(name)" is shown since a rollback, \(lack), and this program declares version \(declared): \
                `\(app) projections rollback \(name)` shows version \(declared) again
                """)
        case (false, _):
            return CommandError(
                """
                version \(shown.version) of "\(name)" is shown, \(lack), and this program declares version \(declared): use the program \
                that declares version \(shown.version)\
                \(shown.isRolledBack ? ", or go back with `\(app) projections rollback \(name)`" : "")
                """)
        }
    }

    /// For rows that can be read.
    var note: String {
        let rows = "these are rows of version \(shown.version)"
        switch (shown.version < declared, shown.isRolledBack) {
        case (true, false): return "\(rows): \(notFilled). \(filling)"
        case (true, true): return "\(rows), to which somebody has gone back; this program declares version \(declared)"
        case (false, _): return "\(rows); this program declares version \(declared)"
        }
    }

    private var notFilled: String {
        "version \(declared) of \"\(name)\", which this program declares, is not filled yet"
    }

    private var filling: String {
        "`\(app) run` fills version \(declared) and shows it, and so does `\(app) projections rebuild \(name)`"
    }
}
