import ArgumentParser
import HindsightCommand

/// Writes plausible orders, for a machine that has no data at hand.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write plausible orders into the log.",
        discussion: """
            The same seed gives the same orders, with the same ids: what is stored already is not stored again. An order has \
            about 25 lines.
            """)

    @Option(help: "How many orders, 1 or more.")
    var orders = 1_000

    @Option(help: "Which orders: any whole number from 0.")
    var seed: UInt64 = 1

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        guard orders >= 1 else { throw ValidationError("--orders is 1 or more") }
    }

    func run() async throws {
        try await Shop.withLog(options) { runtime in
            var shop = OrderSimulator(seed: seed)
            var written = 0
            // Whole batches of the same orders each time, so that a second run finds them as they were stored.
            var batch = shop.orders(min(orders, Self.batchOrders))
            var left = orders - batch.count
            while !batch.isEmpty {
                let current = batch
                async let stored = store(current, in: runtime.log)
                let next = shop.orders(min(left, Self.batchOrders))
                left -= next.count
                written += try await stored
                batch = next
            }
            try report(written, to: runtime.output)
        }
    }

    private static let batchOrders = 100

    private func store(_ orders: [[StreamEvent]], in log: any EventLog) async throws -> Int {
        // Logs differ in how much they take at once.
        let limit = log.limits.batchEvents
        var batch: [[StreamEvent]] = []
        for order in orders {
            if !batch.isEmpty, batch.joined().count + order.count > limit {
                try await append(batch, to: log)
                batch = []
            }
            batch.append(order)
        }
        try await append(batch, to: log)
        return orders.joined().count
    }

    private func append(_ orders: [[StreamEvent]], to log: any EventLog) async throws {
        do {
            try await log.append(inOrder: orders.flatMap { $0 })
        } catch let error as EventLogError where error.code == .knownEvents {
            // An earlier run ended with a part of this batch.
            for order in orders { try await log.append(inOrder: order) }
        }
    }

    private func report(_ events: Int, to output: CommandOutput) throws {
        try output.result(
            ["orders": OutputValue(orders), "events": OutputValue(events)],
            text: "\(orders) orders with \(events) events are in the log")
    }
}
