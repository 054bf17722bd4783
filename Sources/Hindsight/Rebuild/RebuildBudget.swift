#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a rebuild's memory is divided.
struct RebuildBudget: Hashable, Sendable {
    /// What the program itself takes, with its connections.
    private static let base = 48 << 20

    /// How many stretches are read at once.
    let readers: Int
    /// How many bytes a range may have as it is read; decoded it takes about four times as much.
    let rangeBytes: Int
    /// How many bytes are read of a range before what was read is folded: a range may have more than was foreseen, and to stop
    /// the server takes a while.
    var stretchBytes: Int { rangeBytes * 3 }
    /// How many events a range should have.
    let rangeEvents = 16_384
    /// What the rows in memory may take.
    let rowBytes: Int

    init(_ options: RebuildOptions) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        readers = min(64, max(1, options.readers ?? min(4, cores + 1)))
        rangeBytes = max(64 << 10, min(4 << 20, options.memoryBytes / 32 / readers))
        rowBytes = max(1 << 20, options.memoryBytes - Self.base - 5 * rangeBytes * readers)
    }
}
