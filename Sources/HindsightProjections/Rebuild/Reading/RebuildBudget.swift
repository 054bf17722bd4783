#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The division of a rebuild's memory.
package struct RebuildBudget: Hashable, Sendable {
    /// The memory of the program itself, including its connections.
    private static let base = 48 << 20

    /// How many ranges are read at once.
    package let readers: Int
    /// How many bytes a range may have as read; decoded, it takes about four times as much.
    package let rangeBytes: Int
    /// How many bytes of a range are read before they are folded: a range may have more than expected, and stopping the
    /// server takes a while.
    package var batchBytes: Int { rangeBytes * 2 }
    /// How many events a range should have.
    package let rangeEvents = 16_384
    /// The memory that rows may take.
    package let rowBytes: Int

    package init(_ options: RebuildOptions) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        readers = min(64, max(1, options.readers ?? min(4, cores + 1)))
        rangeBytes = max(64 << 10, min(4 << 20, options.memoryBytes / 64 / readers))
        // The range as read, and decoded.
        rowBytes = max(1 << 20, options.memoryBytes - Self.base - 5 * 2 * rangeBytes * readers)
    }

    /// How much of an earlier process's rows may be read back at once.
    ///
    /// - Parameters:
    ///   - taken: the memory that other projections' rows take.
    ///   - share: how many projections, including this one, share the rest.
    package func reloadBytes(taken: Int, share: Int) -> Int {
        max(0, rowBytes - taken) / share
    }
}
