import HindsightLog
import HindsightPostgres
import Synchronization

/// A projection that this process holds the lease of: where it stands, and its run.
///
/// `@unchecked Sendable`: everything but the flag belongs to the one group that has the member; it is handed from group to
/// group through the roster's lock, which orders the accesses.
final class ProjectionMember: @unchecked Sendable {
    let definition: ProjectionDefinition
    let key: ShardKey
    let run: any ProjectionRun
    /// The types under which its events are stored.
    let types: Set<String>
    let epoch: Int64
    /// True when the stable name is not to be pointed at it: it shows it or a later version, or has shown it before.
    var isSettled: Bool
    /// How far the showing of its version has come.
    var showing = VersionPresenter.Progress()
    /// The offset in the database.
    var committed: Offset
    /// The offset in memory: ahead of the other one when there was nothing to apply in between.
    var offset: Offset
    /// When the offset was last stored.
    var committedAt = ContinuousClock.now
    var rate = RateMeter()
    /// Where it is in its life here.
    var life: ShardLife
    /// How carefully it is folded, after processes have died over it.
    var caution: CrashCaution
    /// The schema in which a rebuild has its statements run; nil for the session's usual search path.
    let shadowSchema: ShadowSchema?

    /// Set when the lease is gone; the group that has the member lets go of it.
    private let lost = Atomic(false)

    init(
        definition: ProjectionDefinition, key: ShardKey, run: any ProjectionRun, types: Set<String>, epoch: Int64,
        offset: Offset,
        isSettled: Bool, life: ShardLife, caution: CrashCaution = .none, shadowSchema: ShadowSchema? = nil
    ) {
        self.definition = definition
        self.key = key
        self.run = run
        self.types = types
        self.epoch = epoch
        self.isSettled = isSettled
        self.life = life
        self.caution = caution
        self.shadowSchema = shadowSchema
        committed = offset
        self.offset = offset
    }

    /// What those of some events add up to that it wants.
    func sum(of sums: [(type: String, sum: LogChecksum)]) -> LogChecksum {
        sums.reduce(into: LogChecksum()) { total, part in
            if types.contains(part.type) { total.add(part.sum) }
        }
    }

    var isLost: Bool { lost.load(ordering: .acquiring) }

    func markLost() { lost.store(true, ordering: .releasing) }

    /// What was written is committed, up to here.
    func advanced(to offset: Offset) {
        run.committed()
        committed = offset
        self.offset = offset
        committedAt = .now
    }
}

/// Events a second, smoothed over the last few seconds.
struct RateMeter: Sendable {
    private(set) var eventsPerSecond = 0.0
    private var last = ContinuousClock.now

    /// Counts events that were applied just now.
    mutating func count(_ events: Int, now: ContinuousClock.Instant = .now) {
        let elapsed = max((now - last).seconds, 1e-6)
        last = now
        // The weight of the past fades with a time constant of two seconds.
        let keep = 1 / (1 + elapsed / 2)
        eventsPerSecond = eventsPerSecond * keep + Double(events) / elapsed * (1 - keep)
    }
}
