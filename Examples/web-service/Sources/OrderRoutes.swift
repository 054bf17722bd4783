import Hindsight
import Hummingbird

/// Orders by HTTP: events go in, rows of the view come out.
struct OrderRoutes {
    let log: any EventLog
    let views: Views

    func add(to router: Router<BasicRequestContext>) {
        router.post("orders/:order/lines", use: place)
        router.get("orders", use: list)
        router.get("orders/:order", use: order)
    }

    /// Stores the event. It is durable when this answers, and a moment later the view has it.
    @Sendable private func place(request: Request, context: BasicRequestContext) async throws -> HTTPResponse.Status {
        let order = try context.parameters.require("order")
        let line = try await request.decode(as: OrderLinePlaced.self, context: context)
        guard line.quantity > 0 else { throw HTTPError(.unprocessableContent, message: "the quantity is 1 or more") }
        try await log.append(EventRegistry().encode(line), to: StreamName(category: "order", id: order))
        return .accepted
    }

    /// A page of orders by their ids: `?limit=20`, and for the next page `&after=` with the id of the last one.
    @Sendable private func list(request: Request, context: BasicRequestContext) async throws -> [OrderSummary] {
        let parameters = request.uri.queryParameters
        let limit = parameters.get("limit", as: Int.self) ?? 20
        guard (1...500).contains(limit) else { throw HTTPError(.badRequest, message: "a limit is from 1 to 500") }
        let last = parameters.get("after").map { OrderSummary(orderID: $0) }
        return try await views.fetch(OrderSummary.query.order(by: \.orderID).limit(limit).after(last))
    }

    @Sendable private func order(request: Request, context: BasicRequestContext) async throws -> OrderSummary? {
        try await views.row(OrderSummary.self, context.parameters.require("order"))
    }
}

extension OrderSummary: ResponseEncodable {}
