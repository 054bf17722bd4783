#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightJetStream
    import HindsightNATS
    import Logging
    import ServiceLifecycle

    struct OrderPlaced: Event {
        var sku: String
    }

    struct Order: ViewRow {
        var id = ""
        var sku = ""

        static let table = ViewTable("orders", of: Self(), key: \.id, \.sku)

        static let projection = ViewProjection(Self.self, version: 1)
            .on(OrderPlaced.self) { order, placed, _ in order.sku = placed.sku }
    }

    struct OrderRow: Codable {
        var id: String
        var sku: String
    }

    struct Carrier {
        func fetch(_ order: StreamName) async throws {}
    }

    let carrier = Carrier()

    // snippet.command
    struct PlaceOrder: Command {
        var order: String
        var sku: String
    }

    func commands() -> CommandRegistry {
        var commands = CommandRegistry()
        commands.on(
            PlaceOrder.self, stream: { StreamName(category: "order", id: $0.order) }, state: false,
            evolve: { isPlaced, _ in isPlaced = true },
            decide: { command, isPlaced in
                if isPlaced { throw CommandRefusal("order \(command.order) is placed already", code: "placed") }
                return [OrderPlaced(sku: command.sku)]
            })
        return commands
    }
    // snippet.end

    // snippet.node
    func serve(
        _ log: JetStreamEventLog, _ client: NATSClient, _ pool: PostgresPool, logger: Logger
    ) async throws {
        let context = ProjectionContext(log: log, pool: pool, projections: [Order.projection], logger: logger)
        let centre = EventCentre(
            client, context: context, commands: commands(), tasks: [EventTask("ship", on: OrderPlaced.self)])
        // They end in the opposite order: the answers go out before the connection is closed.
        let group = ServiceGroup(
            services: [client, log, centre], gracefulShutdownSignals: [.sigterm], logger: logger)
        try await group.run()
    }
    // snippet.end

    // snippet.submit
    func place(_ client: NATSClient) async throws {
        let centre = EventCentreClient(client, prefix: "shop")
        let receipt = try await centre.submit(PlaceOrder(order: "7", sku: "20001"))
        print(receipt.status, receipt.position ?? 0)
    }
    // snippet.end

    // snippet.work
    func ship(_ client: NATSClient) async throws {
        let centre = EventCentreClient(client, prefix: "shop")
        try await centre.work(on: "ship") { delivery in
            try await carrier.fetch(delivery.event.stream)
            return "handed to the carrier"
        }
    }
    // snippet.end

    // snippet.query
    func total(_ client: NATSClient, after receipt: CommandReceipt) async throws -> [OrderRow] {
        let centre = EventCentreClient(client, prefix: "shop")
        var query = CentreQuery()
        query.equalities = ["id": "7"]
        query.atLeast = receipt.position ?? 0
        return try await centre.rows("orders", query, as: OrderRow.self).rows
    }
// snippet.end
#endif
