import HindsightLog
import HindsightPostgres
import Synchronization

/// A projection that this process rebuilds: its lease, and how far it has come. Its two kinds define where its rows
/// are: ``ViewRebuildMember`` and ``SQLRebuildMember``.
///
/// `@unchecked Sendable`: it belongs to the one task that runs the rebuild; state that others read is behind the lock.
class RebuildMember: @unchecked Sendable {
    /// The kinds, matching those of ``ProjectionDefinition/Kind``.
    enum Kind {
        case view(ViewRebuildMember)
        case sql(SQLRebuildMember)

        var member: RebuildMember {
            switch self {
            case .view(let member): member
            case .sql(let member): member
            }
        }
    }

    /// The state of a rebuild in the database when it is taken up.
    struct Start {
        let definition: ProjectionDefinition
        let build: ProjectionTable
        let epoch: Int64
        let types: Set<String>
        let offset: Offset
        let checksum: LogChecksum
        let progress: Progress
    }

    /// The progress that is shown while it runs.
    struct Progress: Sendable {
        var phase: RebuildPhase
        var reached: Int64
        var goal: Int64
        var checkpoint: Int64
        var rows: Int64 = 0
        var eventsApplied: Int64
        var rate = RateMeter()
        var isStopped = false
    }

    let definition: ProjectionDefinition
    let build: ProjectionTable
    let epoch: Int64
    let types: Set<String>
    /// The durable state.
    var offset: Offset
    var checksum: LogChecksum
    /// The offset up to which it is proven against the log.
    var proven = (through: Int64(0), sum: LogChecksum())
    let progress: Mutex<Progress>
    private let firstCheckpoint: Int64

    var key: ShardKey { build.key }
    /// The schema in which its handlers' statements run; nil if it has none.
    var shadowSchema: ShadowSchema? { nil }

    init(_ start: Start) {
        definition = start.definition
        build = start.build
        epoch = start.epoch
        types = start.types
        offset = start.offset
        checksum = start.checksum
        progress = Mutex(start.progress)
        firstCheckpoint = start.progress.checkpoint
    }

    var phase: RebuildPhase { progress.withLock(\.phase) }

    func enter(_ phase: RebuildPhase) {
        progress.withLock { $0.phase = phase }
    }

    /// True once an event could not be applied.
    var isStopped: Bool { progress.withLock(\.isStopped) }

    func markStopped() {
        progress.withLock { $0.isStopped = true }
    }

    /// True once more events are durably applied than when it was taken up.
    var hasAdvanced: Bool { progress.withLock(\.checkpoint) > firstCheckpoint }

    /// The filter for its events.
    var filter: EventFilter { .types(types.sorted()) }

    /// The checksum of the events that it wants.
    func sum(of sums: [String: LogChecksum]) -> LogChecksum {
        types.reduce(into: LogChecksum()) { total, type in
            if let sum = sums[type] { total.add(sum) }
        }
    }

    /// Its name in messages.
    var name: String { "projection \"\(definition.name)\" version \(definition.version)" }
}
