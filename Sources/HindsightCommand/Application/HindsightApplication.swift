public import ArgumentParser
public import Hindsight
public import HindsightEventCentre

/// An app: its events and its projections. Declaring them is all it takes to get a command line.
///
/// ```swift
/// @main
/// struct Shop: HindsightApplication {
///     static let name = "shop"
///     static let projections: [any Projection] = [OrderSummary.projection, DailyRevenue.projection]
/// }
/// ```
///
/// The app's own commands appear beside the engine's: list them in ``subcommands``, give each ``RuntimeOptions`` as an
/// option group, and access the log in them with ``withRuntime(_:schema:_:)``.
public protocol HindsightApplication: SendableMetatype {
    /// The program's name: letters, digits and dashes.
    static var name: String { get }
    /// A one-line description of its purpose, shown by `--help`. Defaults to a general one.
    static var abstract: String { get }
    /// The app's version, shown by `--version` beside Hindsight's. Defaults to none: an empty text.
    static var version: String { get }
    /// The app's event types, with their upcasters. Those that projections handle need not be registered. Defaults to no
    /// others.
    static var events: EventRegistry { get }
    /// The app's projections.
    static var projections: [any Projection] { get }
    /// The commands that the app takes from other programs through its event centre, which `serve` runs. Defaults to none.
    static var commands: CommandRegistry { get }
    /// What other programs have to do for the app's events, which `serve` gives them. Defaults to nothing.
    static var tasks: [EventTask] { get }
    /// Streams of JetStream that others have filled, and how `events mirror --from` makes events of their messages. Defaults to none.
    static var foreignMappings: [ForeignMapping] { get }
    /// The app's own commands. Defaults to none.
    static var subcommands: [any ParsableCommand.Type] { get }
}

extension HindsightApplication {
    /// An event log and the views that are projected from it.
    public static var abstract: String { "An event log and the views that are projected from it." }
    /// None.
    public static var version: String { "" }
    /// No types but those that projections handle.
    public static var events: EventRegistry { EventRegistry() }
    /// None.
    public static var commands: CommandRegistry { CommandRegistry() }
    /// Nothing.
    public static var tasks: [EventTask] { [] }
    /// None.
    public static var foreignMappings: [ForeignMapping] { [] }
    /// No commands.
    public static var subcommands: [any ParsableCommand.Type] { [] }
}
