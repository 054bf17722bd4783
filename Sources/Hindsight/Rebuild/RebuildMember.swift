import HindsightPostgres
import Synchronization

/// A projection that this process rebuilds: its lease, how far it has come, and its rows in memory.
///
/// `@unchecked Sendable`: it belongs to the one task that runs the rebuild; what others look at is behind the lock.
final class RebuildMember: @unchecked Sendable {
    /// What is shown of it while it runs.
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
    let build: ProjectionBuild
    let location: ViewLocation
    let epoch: Int64
    let fold: any RebuildFold
    let types: Set<String>
    /// What is durable.
    var offset: Offset
    var checksum: LogChecksum
    /// Up to where it was held against the log, and found to be the same.
    var proven = (through: Int64(0), sum: LogChecksum())
    /// True when events were applied after it was noted by which transaction the rows were there.
    var hasCaughtUp = false
    let progress: Mutex<Progress>

    var key: OffsetKey { build.key }

    init(
        definition: ProjectionDefinition, build: ProjectionBuild, location: ViewLocation, epoch: Int64,
        fold: any RebuildFold, types: Set<String>, offset: Offset, checksum: LogChecksum, progress: Progress
    ) {
        self.definition = definition
        self.build = build
        self.location = location
        self.epoch = epoch
        self.fold = fold
        self.types = types
        self.offset = offset
        self.checksum = checksum
        self.progress = Mutex(progress)
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

    /// The filter for its events.
    var filter: EventFilter { .types(types.sorted()) }

    /// What the events that it wants add up to.
    func sum(of sums: [String: LogChecksum]) -> LogChecksum {
        types.reduce(into: LogChecksum()) { total, type in
            if let sum = sums[type] { total.add(sum) }
        }
    }

    /// What it is called in a message.
    var name: String { "projection \"\(definition.name)\" version \(definition.version)" }
}
