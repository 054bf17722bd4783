public import HindsightLog

/// An empty log, and what a test can do to it beyond the contract.
public struct LogUnderTest: Sendable {
    /// What a test can do to a log, if the log has such a thing.
    public enum Hook: String, Hashable, Sendable, CaseIterable {
        /// Hold an append open after its positions are drawn.
        case openAppend
        /// Put the log back to an earlier position.
        case rewind
    }

    /// The log. Nobody runs it; a case that needs that does so itself.
    public var log: any EventLog
    /// The same log as another process opens it; the same object for a log that lives in one process.
    public var peer: any EventLog
    /// Begins an append and leaves it open; nil for a log that has no such thing.
    public var openAppend: (@Sendable ([StreamAppend]) async throws -> any OpenLogAppend)?
    /// Forgets everything above a position, and has the next append draw the position after it; nil if that cannot be done.
    public var rewind: (@Sendable (Int64) async throws -> Void)?

    /// A log under test.
    ///
    /// - Parameters:
    ///   - log: the log, empty and not running.
    ///   - peer: the same log as another process opens it. Defaults to the same object.
    ///   - openAppend: begins an append and leaves it open. Defaults to nil: the log has no such thing.
    ///   - rewind: puts the log back to a position. Defaults to nil.
    public init(
        log: any EventLog, peer: (any EventLog)? = nil,
        openAppend: (@Sendable ([StreamAppend]) async throws -> any OpenLogAppend)? = nil,
        rewind: (@Sendable (Int64) async throws -> Void)? = nil
    ) {
        self.log = log
        self.peer = peer ?? log
        self.openAppend = openAppend
        self.rewind = rewind
    }

    /// What the test can do.
    public var hooks: Set<Hook> {
        Set((openAppend == nil ? [] : [Hook.openAppend]) + (rewind == nil ? [] : [.rewind]))
    }
}

/// An append that is open: its positions are drawn, and nobody sees its events.
public protocol OpenLogAppend: Sendable {
    /// The position of its last event.
    var position: Int64 { get }
    /// Makes the events visible, and wakes readers.
    func commit() async throws
    /// Gives the events up; their positions stay holes.
    func rollBack() async throws
}
