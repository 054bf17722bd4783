import HindsightJSON
import HindsightLog

/// Which rows of a view are asked for, and how fresh they must be.
public struct CentreQuery: Hashable, Sendable {
    /// The values that columns must have, as text. Defaults to any.
    public var equalities: [String: String] = [:]
    /// What the rows are ordered by: `column`, or `column:desc`. Defaults to the key.
    public var order: [String] = []
    /// The largest number of rows, 0 to 10,000. Defaults to 100.
    public var limit = 100
    /// The position of the log that the rows must reflect, such as a receipt's. Defaults to none.
    public var atLeast: Int64 = 0
    /// How long that is waited for, up to a minute. Defaults to 5 seconds.
    public var timeout = Duration.seconds(5)

    /// The first 100 rows.
    public init() {}

    var bytes: [UInt8] {
        get throws {
            let message = Message(
                v: Request.version, where: equalities.isEmpty ? nil : equalities, order: order.isEmpty ? nil : order,
                limit: limit, at_least: atLeast, timeout_ms: Int64(timeout / .milliseconds(1)))
            return try JSONEventCodec().encode(message)
        }
    }

    private struct Message: Encodable {
        var v: Int64
        var `where`: [String: String]?
        var order: [String]?
        var limit: Int
        var at_least: Int64
        var timeout_ms: Int64
    }
}
