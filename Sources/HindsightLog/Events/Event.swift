/// A typed event: a plain `Codable` value that says what happened.
///
/// ```swift
/// struct OrderPlaced: Event {
///     var customer: String
///     var total: ExactDecimal
/// }
/// ```
///
/// A type that changes its shape raises ``schemaVersion`` and registers an upcaster from the version before
/// (``EventRegistry/upcast(from:to:_:)``): what was stored stays as it was.
public protocol Event: Codable, Sendable {
    /// The name that the log knows the type by. Defaults to the Swift type's name without its module.
    static var eventType: String { get }
    /// The version of the type's shape, from 1. Defaults to 1.
    static var schemaVersion: Int { get }
}

extension Event {
    /// The Swift type's name without its module.
    public static var eventType: String { String(describing: Self.self) }
    /// 1.
    public static var schemaVersion: Int { 1 }
}
