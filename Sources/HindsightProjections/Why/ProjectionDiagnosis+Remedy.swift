import HindsightLog
import HindsightPostgres

extension ProjectionDiagnosis {
    /// What to do about it; nil if there is nothing to do.
    ///
    /// - Parameter app: the name of the program whose commands are named. Defaults to `APP`.
    public func remedy(app: String = "APP") -> String? {
        switch cause {
        case .unreachable:
            "start the server, or mend DATABASE_URL or the PG… variables; engines go on by themselves when it is back"
        case .notStarted: "`\(app) run`"
        case .logChanged:
            """
            run it on the log that it was folded from; if this is the right log, `\(app) projections reset \(name)` folds it from the \
            beginning
            """
        case .replaced(let version):
            version.map { "use the program that declares version \($0), or raise the version" }
                ?? "raise the version"
        case .stopped(0, _, _): "mend its setUp, and `\(app) projections resume \(name)`"
        case .stopped(let position, _, _):
            """
            mend what failed, and start the program anew or `\(app) projections resume \(name)`: it goes on at position \(position)
            """
        case .paused: "`\(app) projections resume \(name)`"
        case .filling: nil
        case .blocked(let blockers): "wait for it to end, or end it: \(Self.ending(blockers))"
        case .retrying: "mend the cause, or raise the limit; it goes on by itself"
        case .hanging(let owner, _):
            """
            end that process: another one takes over when its connection is gone\
            \(owner.processID.map { ", also after `select pg_terminate_backend(\($0))`" } ?? "")
            """
        case .notRunning: "`\(app) run`, with a program that declares version \(version)"
        case .catchingUp: nil
        case .waitsForAppend(let holder): "end that transaction: \(Self.ending([holder]))"
        case .notShown(_, let readers): readers.isEmpty ? nil : "end them, or wait: \(Self.ending(readers))"
        case .parked:
            "`\(app) projections parked \(name)` shows them; mend the fold or the data, and `\(app) projections retry \(name)`"
        case .caughtUp(let isRunning): isRunning ? nil : "`\(app) run` keeps it up to date"
        }
    }

    static func ending(_ holders: [HoldingTransaction]) -> String {
        let statements = holders.prefix(3).map { holder in
            if let name = holder.preparedName {
                let quoted = name.sqlLiteral
                return "`commit prepared \(quoted)` or `rollback prepared \(quoted)`"
            }
            guard let process = holder.processID else { return "`select * from pg_prepared_xacts` lists prepared ones" }
            return "`select pg_terminate_backend(\(process))`"
        }
        return statements.joined(separator: ", ")
    }
}
