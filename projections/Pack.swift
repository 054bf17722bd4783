import ArgumentParser
import Hindsight
import HindsightCommand
import HindsightEventCentre

/// Packs the lines of orders, which the event centre gives it, in a process that has no database.
struct Pack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pack the lines of orders that the event centre gives, which `serve` runs.",
        discussion: """
            Any number of these share the work. A line is packed when the centre has said so in a receipt; one whose packer ends before is given to \
            another one. SIGINT and SIGTERM end it when the line that it is at is packed.
            """)

    /// For each line that was placed.
    static let task = EventTask("pack", on: OrderLinePlaced.self)

    @OptionGroup var centre: CentreOptions
    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await centre.work(on: Self.task.name, of: Shop.self, options: options) { delivery, output in
            let line = try EventRegistry().decode(OrderLinePlaced.self, from: delivery.event)
            guard line.quantity <= Self.largestParcel else {
                throw TaskFailure("\(line.quantity) units are more than the \(Self.largestParcel) that a parcel takes")
            }
            try output.result(
                [
                    "stream": OutputValue(delivery.event.stream.rawValue),
                    "position": OutputValue(delivery.event.position), "sku": OutputValue(line.sku),
                    "quantity": OutputValue(line.quantity),
                ],
                text: "\(delivery.event.stream): \(line.quantity) of \(line.sku)")
            return "in \((line.quantity + Self.unitsInBox - 1) / Self.unitsInBox) boxes"
        }
    }

    private static let unitsInBox = 10
    private static let largestParcel = 100_000
}
