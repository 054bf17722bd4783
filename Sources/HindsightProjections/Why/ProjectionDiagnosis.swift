public import HindsightLog

/// What a projection waits for, or that it waits for nothing.
///
/// ``sentence`` says it in words, ``evidence`` has the facts that it was decided from, and ``remedy(app:)`` what to do.
public struct ProjectionDiagnosis: Hashable, Sendable {
    /// What keeps a projection from showing more than it does.
    public enum Cause: Hashable, Sendable {
        /// The database, or the log, cannot be reached.
        case unreachable(String)
        /// No process has started this version of it yet.
        case notStarted
        /// Its rows were folded from another log, or from events that the log does not hold any more.
        case logChanged(String)
        /// Another version took the place of the declared one, or a newer one is shown.
        case replaced(by: Int?)
        /// It has stopped: at an event, or at position 0 before the first one.
        case stopped(position: Int64, event: RecordedEvent?, error: String)
        /// Somebody has paused it.
        case paused(ProjectionStatus.Pause)
        /// A process fills it anew, by the fast path of a rebuild.
        case filling(Filling)
        /// Its statements wait for locks of these transactions.
        case blocked([HoldingTransaction])
        /// The process that works on it meets an error again and again, such as a statement's time limit.
        case retrying(String)
        /// A process has its lease and does not get on, although events wait: for so many seconds.
        case hanging(Owner, seconds: Double)
        /// Events wait, and no process works on it; the one that did last, if it did not give its lease back.
        case notRunning(last: Owner?)
        /// A process applies events; how long the rest will take in seconds, if that can be said.
        case catchingUp(seconds: Double?)
        /// It has every event that can be read, and an open append holds back those behind it.
        case waitsForAppend(HoldingTransaction)
        /// It has everything, and another version is still shown: readers with older snapshots or locks are in the way.
        case notShown(shown: Int?, readers: [HoldingTransaction])
        /// It has everything, but for the rows of parked keys, which lack events.
        case parked(ParkedCount)
        /// It has everything. False if no process works on it at the moment.
        case caughtUp(isRunning: Bool)
    }

    /// The process that has a lease, or had it.
    public struct Owner: Hashable, Sendable {
        /// The name under which it takes leases: its host and process id, unless its configuration says otherwise.
        public var node: String
        /// Its connection on the server.
        public var processID: Int32?
        /// Whether that connection is still there.
        public var isConnected: Bool
        /// In how many seconds the lease runs out; negative if it has run out.
        public var leaseSeconds: Double

        /// Creates an owner.
        public init(node: String, processID: Int32?, isConnected: Bool, leaseSeconds: Double) {
            self.node = node
            self.processID = processID
            self.isConnected = isConnected
            self.leaseSeconds = leaseSeconds
        }
    }

    /// How far a projection is filled anew.
    public struct Filling: Hashable, Sendable {
        /// What its process is doing.
        public var phase: RebuildPhase
        /// The position up to which the log is read and folded.
        public var reached: Int64
        /// The position up to which it is read before it catches up.
        public var goal: Int64

        /// Creates a state of filling.
        public init(phase: RebuildPhase, reached: Int64, goal: Int64) {
            self.phase = phase
            self.reached = reached
            self.goal = goal
        }
    }

    /// A fact.
    public struct Evidence: Hashable, Sendable {
        /// What it is about, in a word or two.
        public var name: String
        /// The fact.
        public var text: String
    }

    /// The projection's name.
    public var name: String
    /// The version that was asked about: the newest that is declared.
    public var version: Int
    /// What it waits for.
    public var cause: Cause
    /// The facts from which that was decided.
    public var evidence: [Evidence]
    /// What is the matter, in a sentence.
    public var sentence: String
}
