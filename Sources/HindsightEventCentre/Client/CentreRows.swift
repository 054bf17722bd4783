/// Rows of a view, and what they reflect.
public struct CentreRows<Row: Decodable & Sendable>: Decodable, Sendable {
    /// The projection's name.
    public var view: String
    /// The version of the projection whose rows these are.
    public var version: Int
    /// The position of the log that they reflect.
    public var position: Int64
    /// The rows.
    public var rows: [Row]
}
