import ArgumentParser
import HindsightCommand
import HindsightEventCentre

/// The sample application: an online shop's orders, and what they come to.
///
/// It is also what an app of your own looks like: events, projections, and this. The commands come with `HindsightCommand`.
@main
struct Shop: HindsightApplication {
    static let name = "shop"
    static let abstract = "Orders of an online shop, and the views that are projected from them."

    static let projections: [any Projection] = [
        OrderSummary.projection, CustomerValue.projection, ProductSales.projection, DailyRevenue.projection,
    ]

    /// What other programs may ask for through the event centre (`shop serve`).
    static var commands: CommandRegistry {
        var commands = CommandRegistry()
        PlaceOrder.register(in: &commands)
        return commands
    }

    /// What other programs have to do, as `shop pack` does.
    static let tasks = [Pack.task]

    static let subcommands: [any ParsableCommand.Type] = [Place.self, Pack.self, Simulate.self]
}
