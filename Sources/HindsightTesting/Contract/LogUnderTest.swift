public import HindsightLog

/// An empty log, with the hooks that a test has into it beyond the contract.
public struct LogUnderTest: Sendable {
    /// The hooks that a test may have into a log.
    public enum Hook: String, Hashable, Sendable, CaseIterable {
        /// Hold an append open after its positions are drawn.
        case openAppend
        /// Rewind the log to an earlier position.
        case rewind
    }

    /// The log. It is not running; a case that needs a running log runs it itself.
    public var log: any EventLog
    /// The same log as another process opens it; the same object for a log that lives in one process.
    public var peer: any EventLog
    /// Begins an append and leaves it open; nil for a log without open appends.
    public var openAppend: (@Sendable ([StreamAppend]) async throws -> any OpenLogAppend)?
    /// Forgets everything above a position, and makes the next append draw the position after it; nil if that is not
    /// possible.
    public var rewind: (@Sendable (Int64) async throws -> Void)?

    /// Creates a log under test.
    ///
    /// - Parameters:
    ///   - log: the log, empty and not running.
    ///   - peer: the same log as another process opens it. Defaults to the same object.
    ///   - openAppend: begins an append and leaves it open. Defaults to `nil`, for a log without open appends.
    ///   - rewind: rewinds the log to a position. Defaults to `nil`.
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

    /// The hooks that the test has.
    public var hooks: Set<Hook> {
        Set((openAppend == nil ? [] : [Hook.openAppend]) + (rewind == nil ? [] : [.rewind]))
    }
}

/// An open append: its positions are drawn, and its events are not visible.
public protocol OpenLogAppend: Sendable {
    /// The position of its last event.
    var position: Int64 { get }
    /// Makes the events visible, and wakes readers.
    func commit() async throws
    /// Discards the events; their positions stay holes.
    func rollBack() async throws
}
