// A command-line tool: all of Hindsight's commands, and one of its own.
//
//     swift run command-line-tool place 1 85123A --quantity 6 --price 2.55
//     swift run command-line-tool run --until-caught-up
//     swift run command-line-tool query order_summary
//     swift run command-line-tool --help
//
// Its database is in .hindsight, unless DATABASE_URL or HINDSIGHT_HOME names another one.

import ArgumentParser
import HindsightCommand

@main
struct Orders: HindsightApplication {
    static let name = "command-line-tool"
    static let abstract = "Orders, and what they come to."
    static let projections: [any Projection] = [OrderSummary.projection]
    static let subcommands: [any ParsableCommand.Type] = [Place.self]
}
