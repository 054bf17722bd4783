import Hindsight
import HindsightProjections
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is decided from what the database says, without one.
@Suite("The verdict on a subscription")
struct SubscriptionVerdictTests {
    private static let limits = ProjectionHealth.Limits(warning: .seconds(10), critical: .seconds(60))

    private static func status(
        _ state: SubscriptionStatus.State, waiting events: Int64 = 0, for seconds: Double = 0, idle: Double = 1_000,
        filter: EventFilter? = .all, offset: Int64 = 5, handled: Int64 = 5
    ) -> SubscriptionStatus {
        var lag = LogLag.none
        lag.events = events
        lag.seconds = seconds
        return SubscriptionStatus(
            name: "mailer", state: state, owner: nil, filter: filter, offset: offset, head: 10, handled: handled,
            handledBeyond: 0, lag: lag, idleSeconds: idle)
    }

    private static func decide(
        _ status: SubscriptionStatus, since before: SubscriptionStatus? = nil, holder: HoldingTransaction? = nil
    ) -> SubscriptionHealth {
        .decide(from: status, since: before, holder: holder, log: UUID(), limits: limits)
    }

    @Test(
        "The time counts since it last moved, as far as events have been waiting since",
        arguments: [
            (5, 1_000, 0, ProjectionHealth.Grade.ok), (1_000, 5, 0, .ok), (30, 1_000, 30, .warning),
            (1_000, 30, 30, .warning),
            (90, 1_000, 90, .critical), (10, 10, 10, .warning), (60, 60, 60, .critical),
        ] as [(Double, Double, Double, ProjectionHealth.Grade)])
    func standstill(waiting: Double, idle: Double, stalled: Double, grade: ProjectionHealth.Grade) {
        for state in [SubscriptionStatus.State.unread, .hanging, .behind] {
            let health = Self.decide(Self.status(state, waiting: 1, for: waiting, idle: idle))
            #expect(health.grade == grade)
            #expect(health.stalledSeconds == (stalled > 0 ? stalled : min(waiting, idle)))
        }
    }

    @Test("Nothing that waits is no standstill, and a reader that is up to date has none")
    func nothingWaits() {
        for state in [SubscriptionStatus.State.unread, .hanging, .behind, .live] {
            let health = Self.decide(Self.status(state))
            #expect(health.grade == .ok && health.stalledSeconds == 0)
        }
    }

    @Test("What has moved between two looks does not stand still")
    func moves() {
        let now = Self.status(.behind, waiting: 3, for: 90)
        #expect(Self.decide(now, since: now).grade == .critical)
        #expect(Self.decide(now, since: Self.status(.behind, offset: 4)).grade == .ok)
        #expect(Self.decide(now, since: Self.status(.behind, handled: 4)).grade == .ok)
    }

    @Test("Of one whose filter is not known nobody can say that it should have moved")
    func unknownFilter() {
        #expect(Self.decide(Self.status(.behind, waiting: 3, for: 90, filter: nil)).grade == .ok)
        #expect(Self.decide(Self.status(.unread, waiting: 3, for: 90, filter: nil)).grade == .warning)
        #expect(Self.decide(Self.status(.hanging, waiting: 3, for: 90, filter: nil)).grade == .warning)
    }

    @Test("Another log is critical at once")
    func mismatched() {
        let health = Self.decide(Self.status(.mismatched))
        #expect(health.grade == .critical && health.remedy()?.contains("and log = '") == true)
    }
}
