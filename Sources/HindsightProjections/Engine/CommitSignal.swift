import HindsightLog
import Synchronization

/// Tells the observers of a projection in this process what was committed. Commits are announced nowhere else.
///
/// Nothing is collected for a projection without observers.
final class CommitSignal: Sendable {
    private typealias Observers = [UInt64: AsyncStream<ProjectionCommit>.Continuation]

    private struct State {
        var next: UInt64 = 0
        var observers: [String: Observers] = [:]
        var isFinished = false
    }

    private let state = Mutex(State())
    /// The reads of this process that wait for commits.
    private let reads: WaitingReads
    /// True if reads of other processes wait, as far as the last commit has seen.
    private let othersWait = Atomic(false)

    init(reads: WaitingReads) {
        self.reads = reads
    }

    /// How many commits an observer may lag behind before it misses some.
    private static let bufferedCommits = 256

    /// The commits of a projection from now on.
    func commits(of projection: String) -> AsyncStream<ProjectionCommit> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ProjectionCommit.self, bufferingPolicy: .bufferingNewest(Self.bufferedCommits))
        let number = state.withLock { state in
            state.next += 1
            if state.isFinished {
                continuation.finish()
            } else {
                state.observers[projection, default: [:]][state.next] = continuation
            }
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.observers[projection]?[number] = nil }
        }
        return stream
    }

    /// True if the projection has observers. Tables kept for a rollback never have any.
    func isObserved(_ member: ProjectionMember) -> Bool {
        switch member.key.kind {
        case .projection: state.withLock { $0.observers[member.key.name]?.isEmpty == false }
        case .kept, .rebuild, .subscription: false
        }
    }

    /// Whether other processes are to be told of commits.
    var tellsOthers: Bool {
        get { othersWait.load(ordering: .relaxed) }
        set { othersWait.store(newValue, ordering: .relaxed) }
    }

    /// True if somebody waits for where a projection stands in memory only, since there was nothing to apply.
    func isAwaited(_ member: ProjectionMember) -> Bool {
        guard let view = Self.view(of: member), member.offset != member.committed else { return false }
        return reads.mustStore(view, member.offset.position) || tellsOthers
    }

    /// The view whose rows these may be; nil for those that no stable name shows.
    private static func view(of member: ProjectionMember) -> ShownVersion? {
        switch member.key.kind {
        case .projection: ShownVersion(name: member.key.name, version: member.key.version)
        case .kept, .rebuild, .subscription: nil
        }
    }

    /// Announces that a projection has moved from one place to where it stands now.
    func tell(of member: ProjectionMember, from start: Offset, changes: () -> ProjectionCommit.Changes) {
        if let view = Self.view(of: member) { reads.tell(view, member.committed.position) }
        guard isObserved(member) else { return }
        let commit = ProjectionCommit(
            projection: member.key.name, version: member.key.version, start: start, offset: member.committed,
            changes: changes())
        let observers = state.withLock { $0.observers[commit.projection] }
        for continuation in (observers ?? [:]).values { continuation.yield(commit) }
    }

    /// Ends all observation: this process commits nothing more.
    func finish() {
        let observers = state.withLock { state in
            defer { state.observers = [:] }
            state.isFinished = true
            return state.observers
        }
        for continuation in observers.values.flatMap(\.values) { continuation.finish() }
    }
}
