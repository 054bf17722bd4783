import HindsightLog
import HindsightPostgres
import Synchronization

/// A projection whose lease this process holds: where it stands, and its run.
///
/// `@unchecked Sendable`: everything but the flags belongs to the one group that has the member; it is handed from group
/// to group through the roster's lock, which orders the accesses.
final class ProjectionMember: @unchecked Sendable {
    let definition: ProjectionDefinition
    let key: ShardKey
    let run: any ProjectionRun
    /// The types under which its events are stored.
    let types: Set<String>
    let epoch: Int64
    /// True if the stable name need not be pointed at this version: it shows it or a later one, or has shown it before.
    var isSettled: Bool
    /// The progress of showing its version.
    var showing = VersionPresenter.Progress()
    /// The offset in the database.
    var committed: Offset
    /// The offset in memory: ahead of the stored one if there was nothing to apply in between.
    var offset: Offset
    /// When the offset was last stored.
    var committedAt = ContinuousClock.now
    var rate = RateMeter()
    let metrics: ShardMetrics
    /// The state of its life in this process.
    var life: ShardLife
    /// How cautiously it is folded after it has crashed processes.
    var caution: CrashCaution
    /// How large its batches may be.
    var limit: BatchLimit
    /// The schema in which a rebuild runs its statements; nil for the session's usual search path.
    let shadowSchema: ShadowSchema?

    /// Set when the lease is gone; the group that has the member then releases it.
    private let lost = Atomic(false)
    /// Set when the lease is to be given back; the group that has the member does so after its batch.
    private let leaving = Atomic(Departure.none.rawValue)

    /// Why a lease that is still valid is to be given back.
    enum Departure: UInt8 {
        case none
        /// Another node is to have it.
        case handedOver
        /// The projection is paused.
        case paused
    }

    init(
        definition: ProjectionDefinition, key: ShardKey, run: any ProjectionRun, types: Set<String>, epoch: Int64,
        offset: Offset,
        isSettled: Bool, life: ShardLife, caution: CrashCaution = .none, limit: BatchLimit = BatchLimit(nil),
        shadowSchema: ShadowSchema? = nil
    ) {
        self.definition = definition
        self.key = key
        metrics = ShardMetrics(key)
        self.run = run
        self.types = types
        self.epoch = epoch
        self.isSettled = isSettled
        self.life = life
        self.caution = caution
        self.limit = limit
        self.shadowSchema = shadowSchema
        committed = offset
        self.offset = offset
    }

    /// The checksum of those events that it wants.
    func sum(of sums: [(type: String, sum: LogChecksum)]) -> LogChecksum {
        sums.reduce(into: LogChecksum()) { total, part in
            if types.contains(part.type) { total.add(part.sum) }
        }
    }

    var isLost: Bool { lost.load(ordering: .acquiring) }

    func markLost() { lost.store(true, ordering: .releasing) }

    var departure: Departure { Departure(rawValue: leaving.load(ordering: .acquiring)) ?? .none }

    var isLeaving: Bool { departure != .none }

    /// Asks for the lease to be given back after the batch.
    ///
    /// - Returns: false if that was asked before.
    func leave(_ departure: Departure) -> Bool {
        leaving.compareExchange(
            expected: Departure.none.rawValue, desired: departure.rawValue, ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// Notes that everything up to this offset is committed.
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

    /// Counts events that have just been applied.
    mutating func count(_ events: Int, now: ContinuousClock.Instant = .now) {
        let elapsed = max((now - last).seconds, 1e-6)
        last = now
        // The weight of the past fades with a time constant of two seconds.
        let keep = 1 / (1 + elapsed / 2)
        eventsPerSecond = eventsPerSecond * keep + Double(events) / elapsed * (1 - keep)
    }
}
