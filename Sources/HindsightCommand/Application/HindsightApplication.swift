public import ArgumentParser
public import Hindsight

/// An app: its events and its projections. Handing them over is all it takes to get a command line.
///
/// ```swift
/// @main
/// struct Shop: HindsightApplication {
///     static let name = "shop"
///     static let events = EventRegistry(…)
///     static let projections: [any Projection] = [orderSummary, dailyRevenue]
/// }
/// ```
///
/// Commands of the app's own stand beside the engine's: list them in ``subcommands``, give each ``RuntimeOptions`` as an option
/// group, and reach the log in them with ``withRuntime(_:schema:_:)``.
public protocol HindsightApplication: SendableMetatype {
    /// What the program is called: letters, digits and dashes.
    static var name: String { get }
    /// One line on what it is for, shown by `--help`. Defaults to one that says nothing of the app.
    static var abstract: String { get }
    /// The types of its events.
    static var events: EventRegistry { get }
    /// What is projected from them.
    static var projections: [any Projection] { get }
    /// Commands of its own. Defaults to none.
    static var subcommands: [any ParsableCommand.Type] { get }
}

extension HindsightApplication {
    /// An event log and the views that are projected from it.
    public static var abstract: String { "An event log and the views that are projected from it." }
    /// None.
    public static var subcommands: [any ParsableCommand.Type] { [] }
}
