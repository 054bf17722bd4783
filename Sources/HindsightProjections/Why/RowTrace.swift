import HindsightLog
import HindsightPostgres

/// The row of one key, folded event by event in memory.
protocol RowTrace: ReplayFold {
    /// Told of each step, in order; an error ends the folding. Set before the replay.
    var onStep: @Sendable (RowStep) throws -> Void { get set }
    /// What ``onStep`` threw.
    var refusal: (any Error)? { get }
    /// The texts of the key's columns, the same for keys that the database takes for equal.
    var keyTexts: [String] { get }
    /// How many steps there were.
    var stepCount: Int { get }
    /// The row's texts; nil if there is none.
    var row: [String?]? { get }

    /// The row that a table has for the key.
    func stored(in table: PostgresIdentifier, _ session: inout PostgresSession) throws -> [String?]?
    /// The row as the database would give it back: numbers rounded to their columns' scales, and nothing kept that has
    /// no column.
    func rowAsStored(_ session: inout PostgresSession) throws -> [String?]?
}
