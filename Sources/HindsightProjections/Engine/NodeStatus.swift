public import HindsightValues

/// A process that keeps projections up to date, according to its row in the database.
public struct NodeStatus: Hashable, Sendable {
    /// What a node is doing.
    public enum State: String, Hashable, Sendable {
        /// It takes its share of the projections.
        case ready
        /// It could not take a projection up lately, because the log could not be read; others are asked first.
        case troubled
        /// It ends: it takes no projections, and gives back what it has.
        case draining
        /// A fold or a handler of it does not return, which nobody can end but the process itself: it takes no projections, and should be
        /// restarted.
        case stuck
        /// It has died, or hangs: it has lost its connection or has not renewed its lease in time. Such a node is
        /// forgotten after an hour.
        case gone
    }

    /// Its name (``EngineConfiguration/node``).
    public var name: String
    /// The build of its program (``EngineConfiguration/build``).
    public var build: String
    /// The process's id on its machine.
    public var processID: Int
    /// What it is doing.
    public var state: State
    /// When it started.
    public var startedAt: Timestamp
    /// When it last renewed its lease.
    public var renewedAt: Timestamp
    /// The projections that it works on, each as often as it has tables of it.
    public var projections: [String]

    init(_ node: NodeRecord, projections: [String]) {
        name = node.name
        build = node.build
        processID = node.process
        startedAt = node.startedAt
        renewedAt = node.renewedAt
        self.projections = projections
        guard node.isLiving else {
            state = .gone
            return
        }
        switch node.state {
        case .ready: state = .ready
        case .troubled: state = .troubled
        case .draining: state = .draining
        case .stuck: state = .stuck
        }
    }
}
