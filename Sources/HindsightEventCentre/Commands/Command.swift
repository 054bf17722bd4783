/// What somebody asks for: a plain `Codable` value that is decided by the app and answered with a receipt.
///
/// ```swift
/// struct PlaceOrder: Command {
///     var order: String
///     var sku: String
/// }
/// ```
public protocol Command: Codable, Sendable {
    /// The name under which it is handed in, 1 to 128 ASCII letters, digits, `-` and `_`. Defaults to the Swift type's name
    /// without its module.
    static var commandName: String { get }
}

extension Command {
    /// The Swift type's name without its module.
    public static var commandName: String { String(describing: Self.self) }
}
