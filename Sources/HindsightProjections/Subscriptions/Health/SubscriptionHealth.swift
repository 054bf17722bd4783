public import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whether a durable subscription gets on, as a monitor wants to know it.
public struct SubscriptionHealth: Hashable, Sendable {
    /// The verdict.
    public var grade: ProjectionHealth.Grade
    /// For how many seconds it has not got on although events wait; 0 if it has nothing to do.
    public var stalledSeconds: Double
    /// What it was decided from.
    public var status: SubscriptionStatus
    /// The append in flight behind which nothing can be read; nil if there is none, or it has other things to do.
    public var holder: HoldingTransaction?
    /// The schema of the offsets, for the remedy.
    let schema: String
    /// The identity of the log, likewise: the same name may be read on others.
    let log: UUID

    /// What is the matter, in a sentence.
    public var sentence: String { "Subscription \(status.name) \(predicate)." }

    private var predicate: String {
        let reader = status.owner?.node ?? "a process"
        switch status.state {
        case .mismatched: return "does not belong to this log: \(status.mismatch ?? "")"
        case .unread where status.lag.events == 0:
            return "has handled every event that it wants, and no process reads it at the moment"
        case .unread:
            let how = status.owner.map { ": \($0.node) is gone without having given its lease back" } ?? ""
            return "is not read by any process, and \(waiting)\(how)"
        case .hanging:
            let late = -(status.owner?.leaseSeconds ?? 0)
            return "is not read: \(reader) hangs, its lease ran out \(late.ageText) ago, and \(waiting)"
        case .behind where status.filter == nil: return "is read by \(reader), and \(waiting)"
        case .behind:
            return "is read by \(reader), \(waiting), and its offset last moved \(status.idleSeconds.ageText) ago"
        case .live:
            guard let holder else { return "has handled every event that it wants" }
            let open = holder.seconds.map { ", open for \($0.ageText)" } ?? ""
            let who = holder.processID.map { "process \($0)" } ?? "a prepared transaction"
            return "waits for an append in flight: \(who)\(open)"
        }
    }

    private var waiting: String {
        let lag = status.lag
        let count = lag.isExact && lag.events == 1 ? "1 event" : "\(lag) events"
        guard status.filter == nil else { return "\(count) \(count == "1 event" ? "waits" : "wait")" }
        return "up to \(count) may wait (which of them it wants, the programs that have read it did not say)"
    }

    /// What to do about it; nil if there is nothing to do.
    ///
    /// - Parameter app: the name of the program whose commands are named. Defaults to `APP`.
    public func remedy(app: String = "APP") -> String? {
        let forget =
            """
            `delete from \(PostgresIdentifier(schema: PostgresIdentifier(schema), "offsets").quoted) where kind = 'subscription' and name = \
            \(status.name.sqlLiteral) and log = '\(log.uuidString.lowercased())'`
            """
        switch status.state {
        case .mismatched:
            return
                "run it on the log that it was read from; if this is the right log, end it, and \(forget) has it begin anew"
        case .unread:
            guard status.lag.events > 0 else { return nil }
            return "start the program that reads it; if nobody is to read it any more, \(forget) forgets it"
        case .hanging:
            return
                """
                end that process: another one takes over when its connection is gone\
                \(status.owner?.processID.map { ", also after `select pg_terminate_backend(\($0))`" } ?? "")
                """
        case .behind:
            guard status.filter != nil, stalledSeconds > 0 else { return nil }
            return
                "look into that process: a handler does not return, waits for somebody's lock, or needs long for an event"
        case .live:
            return holder.map { ProjectionDiagnosis.ending([$0]) }.map { "end that transaction: \($0)" }
        }
    }
}
