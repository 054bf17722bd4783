import Hindsight
import HindsightEventCentre

/// A customer orders some lines at once.
struct PlaceOrder: Command {
    /// A line of the order.
    struct Line: Codable, Hashable, Sendable {
        var sku: String
        var description: String?
        /// Units, 1 or more.
        var quantity: Int
        /// Pounds sterling for one unit.
        var unitPrice: ExactDecimal
    }

    /// The order's number, which nobody else has.
    var order: String
    /// Nil for a guest.
    var customer: String?
    var country: String
    var lines: [Line]

    /// An order is placed once, and whole.
    static func register(in commands: inout CommandRegistry) {
        commands.on(Self.self, stream: { StreamName(category: "order", id: $0.order) }, state: false) { isPlaced, _ in
            isPlaced = true
        } decide: { command, isPlaced in
            if isPlaced { throw CommandRefusal("order \(command.order) is placed already", code: "placed") }
            return try command.events()
        }
    }

    private func events() throws -> [OrderLinePlaced] {
        guard (1...200).contains(order.utf8.count) else {
            throw CommandRefusal("an order's number has 1 to 200 bytes", code: "number")
        }
        guard (1...1_000).contains(lines.count) else {
            throw CommandRefusal("an order has 1 to 1,000 lines, and this one \(lines.count)", code: "lines")
        }
        return try lines.map { line in
            guard line.quantity > 0 else {
                throw CommandRefusal("\(line.quantity) units of \(line.sku) cannot be ordered", code: "quantity")
            }
            return OrderLinePlaced(
                sku: line.sku, description: line.description, quantity: line.quantity, unitPrice: line.unitPrice,
                customer: customer, country: country)
        }
    }
}
