#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A log that holds the events of another one from that one's beginning, in the same order.
package protocol LogCopy: Sendable {
    /// The identity of the log that was copied; nil if the copy does not tell.
    func source() async throws -> UUID?

    /// Goes through the copied events from the first one on. What was appended to the copy itself comes behind them and is not among them.
    ///
    /// - Parameter body: called with each event; it answers whether to go on.
    func forEachEvent(_ body: (CopiedEvent) throws -> Bool) async throws
}
