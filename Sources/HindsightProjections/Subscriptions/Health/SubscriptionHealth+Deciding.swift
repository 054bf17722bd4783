package import HindsightLog

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension SubscriptionHealth {
    /// Decides how a subscription is doing.
    ///
    /// The measure is that of a projection: the time since the last commit that moved it, as far as events that it wants have been waiting
    /// since. Of one whose filter is not known nobody can say that it should have moved: it is a warning at most if nobody reads it.
    ///
    /// - Parameters:
    ///   - before: an earlier look; what has moved since does not stand still.
    ///   - holder: the append that holds the log's frontier back the furthest.
    ///   - schema: where its offset is.
    ///   - log: the log's identity.
    package static func decide(
        from seen: SubscriptionStatus, since before: SubscriptionStatus? = nil, holder: HoldingTransaction? = nil,
        schema: String = "hindsight", log: UUID, limits: ProjectionHealth.Limits
    ) -> SubscriptionHealth {
        let waitsForAppend = seen.state == .live && holder != nil
        let moves = before.map { hasMoved($0, seen) } ?? false
        let stalled = moves ? 0 : waitsForAppend ? holder?.seconds ?? 0 : standstill(seen)
        return SubscriptionHealth(
            grade: seen.state == .mismatched ? .critical : grade(stalled, seen, limits), stalledSeconds: stalled,
            status: seen, holder: waitsForAppend ? holder : nil, schema: schema, log: log)
    }

    private static func standstill(_ seen: SubscriptionStatus) -> Double {
        switch seen.state {
        case .live, .mismatched: 0
        case .behind where seen.filter == nil: 0
        case .behind, .hanging, .unread: seen.lag.events > 0 ? min(seen.idleSeconds, seen.lag.seconds) : 0
        }
    }

    private static func grade(
        _ seconds: Double, _ seen: SubscriptionStatus, _ limits: ProjectionHealth.Limits
    ) -> ProjectionHealth.Grade {
        guard seconds > 0 else { return .ok }
        let grade: ProjectionHealth.Grade =
            seconds >= limits.critical.seconds ? .critical : seconds >= limits.warning.seconds ? .warning : .ok
        return seen.filter == nil ? min(grade, .warning) : grade
    }

    private static func hasMoved(_ before: SubscriptionStatus, _ after: SubscriptionStatus) -> Bool {
        (before.offset, before.handled, before.handledBeyond) != (after.offset, after.handled, after.handledBeyond)
    }
}
