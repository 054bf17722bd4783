import Hindsight
import HindsightValues

/// What the three events of the shop have in common: a line of an order, in the stream `order-<id>`.
protocol OrderLine: Event {
    var sku: String { get }
    var description: String? { get }
    /// Units; negative when goods come back.
    var quantity: Int { get }
    /// Pounds sterling for one unit.
    var unitPrice: ExactDecimal { get }
    /// Nil when nobody is known.
    var customer: String? { get }
    var country: String { get }
}

extension OrderLine {
    var amount: ExactDecimal { unitPrice * quantity }
}

/// A customer ordered a line.
struct OrderLinePlaced: OrderLine {
    var sku: String
    var description: String?
    var quantity: Int
    var unitPrice: ExactDecimal
    var customer: String?
    var country: String
}

/// A line was cancelled; its quantity is negative and reduces every total.
struct OrderLineCancelled: OrderLine {
    var sku: String
    var description: String?
    var quantity: Int
    var unitPrice: ExactDecimal
    var customer: String?
    var country: String
}

/// The books were corrected: a bad debt, say.
struct AdjustmentMade: OrderLine {
    var sku: String
    var description: String?
    var quantity: Int
    var unitPrice: ExactDecimal
    var customer: String?
    var country: String
}
