import ArgumentParser
import Hindsight
import HindsightCommand

/// The shop's own commands in a process of their own: what a user's import costs, start and all.
struct ShopChild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "shop", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

    func run() async throws {
        await BenchmarkShop.main(arguments)
    }

    /// - Parameter log: the address of a stream that the log is in; without it the log is in the database.
    static func run(_ arguments: [String], conninfo: String, log: String? = nil) async throws -> String {
        var environment = ["DATABASE_URL": conninfo]
        environment["HINDSIGHT_LOG"] = log
        return try await BenchmarkServer.run(
            BenchmarkServer.executable, ["shop"] + arguments, environment: environment)
    }
}

/// The shop as the benchmark program has it.
struct BenchmarkShop: HindsightApplication {
    static let name = "shop"
    static let projections: [any Projection] = [
        OrderSummary.projection, CustomerValue.projection, ProductSales.projection, DailyRevenue.projection,
    ]
}
