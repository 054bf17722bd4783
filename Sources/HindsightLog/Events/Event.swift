/// A typed event: a plain `Codable` value that states what happened.
///
/// ```swift
/// struct OrderPlaced: Event {
///     var customer: String
///     var total: ExactDecimal
/// }
/// ```
///
/// A type that changes its shape raises ``schemaVersion`` and registers an upcaster from the previous version
/// (``EventRegistry/upcast(from:to:_:)``); stored events stay as they are.
public protocol Event: Codable, Sendable {
    /// The name by which the log knows the type. Defaults to the Swift type's name without its module.
    static var eventType: String { get }
    /// The version of the type's shape, from 1. Defaults to `1`.
    static var schemaVersion: Int { get }
}

extension Event {
    /// The Swift type's name without its module.
    public static var eventType: String { String(describing: Self.self) }
    /// 1.
    public static var schemaVersion: Int { 1 }
}
