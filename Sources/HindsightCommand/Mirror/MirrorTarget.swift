import Hindsight

/// A log that is made a mirror of another one.
protocol MirrorTarget: Sendable {
    /// Finds out how far the mirror goes, and begins there.
    ///
    /// - Throws: ``CommandError`` if another mirror, which has the right to it, is at work.
    func begin() async throws -> MirrorEnd

    /// Copies events. It may return before they are stored.
    func write(_ events: [RecordedEvent]) async throws

    /// Whether something was not stored that was written: begin again.
    var isBroken: Bool { get }

    /// Waits until everything is stored that was written.
    ///
    /// - Throws: an error that may pass if something was not: begin again.
    func settled() async throws
}
