import HindsightLog
import HindsightPostgres

/// What a replay folds for one projection: rows in memory, in partitions by key.
///
/// During a replay, a partition belongs to the reader whose turn it is.
protocol ReplayFold: AnyObject, Sendable {
    /// The number of partitions, a power of two.
    var partitionCount: Int { get }

    /// A plan for a reader, bound to the reader's decoders.
    func makePlan(for decoders: EventDecoders) -> any RebuildPlan

    /// The statement that loads what a partition needs from the table; nil if everything is in memory or new.
    func load(_ plan: any RebuildPlan, partition: Int) throws -> SQL?
    /// Takes in the rows that ``load(_:partition:)`` requested.
    func accept(_ rows: PostgresResult, partition: Int) throws
    /// Folds a partition's share of a batch. Returns the index of the event that failed, and why.
    func fold(_ plan: any RebuildPlan, partition: Int, _ events: [RecordedEvent]) -> (index: Int, error: any Error)?
}
