#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a rebuild's memory is divided.
package struct RebuildBudget: Hashable, Sendable {
    /// What the program itself takes, with its connections.
    private static let base = 48 << 20

    /// How many ranges are read at once.
    package let readers: Int
    /// How many bytes a range may have as it is read; decoded it takes about four times as much.
    package let rangeBytes: Int
    /// How many bytes are read of a range before what was read is folded: a range may have more than was foreseen, and to stop
    /// the server takes a while.
    package var batchBytes: Int { rangeBytes * 2 }
    /// How many events a range should have.
    package let rangeEvents = 16_384
    /// What the rows in memory may take.
    package let rowBytes: Int

    package init(_ options: RebuildOptions) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        readers = min(64, max(1, options.readers ?? min(4, cores + 1)))
        rangeBytes = max(64 << 10, min(4 << 20, options.memoryBytes / 64 / readers))
        // As it was read, and decoded.
        rowBytes = max(1 << 20, options.memoryBytes - Self.base - 5 * 2 * rangeBytes * readers)
    }

    /// How much of an earlier process's rows may be read back at once.
    ///
    /// - Parameters:
    ///   - taken: what other projections' rows take.
    ///   - share: for how many projections the rest is, this one included.
    package func reloadBytes(taken: Int, share: Int) -> Int {
        max(0, rowBytes - taken) / share
    }
}
