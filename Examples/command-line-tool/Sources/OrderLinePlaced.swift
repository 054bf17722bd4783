import Hindsight

/// A line was added to the order whose stream it is in.
struct OrderLinePlaced: Event {
    var sku: String
    var quantity: Int
    var unitPrice: ExactDecimal
}
