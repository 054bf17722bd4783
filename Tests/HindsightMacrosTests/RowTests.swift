#if Macros
    import Hindsight
    import HindsightMacroPlugin
    import HindsightPostgres
    import HindsightProjections
    import HindsightTestSupport
    import HindsightValues
    import Logging
    import MacroRows
    import Testing

    @Suite("Rows and events that macros declare", .timeLimit(.minutes(3)))
    struct RowTests {
        private func columns<Row, Key>(_ table: ViewTable<Row, Key>) throws -> [String] {
            try table.validate()
            let shape = ViewShape(table)
            let names = shape.columns.map(\.name)
            return shape.columns.map { "\($0.name) \($0.type.name)\($0.isNullable ? "" : " not null")" }
                + ["primary key (\(names.prefix(shape.keyCount).joined(separator: ", ")))"]
                + shape.indexes.map { "\($0.isUnique ? "unique " : "")index (\($0.columns.joined(separator: ", ")))" }
        }

        @Test("A table has the columns, key and indexes that its row says")
        func tables() throws {
            #expect(OrderSummary.table.name == "order_summary")
            #expect(
                try columns(OrderSummary.table) == [
                    "order_id text not null", "lines bigint not null", "amount numeric(12,2) not null", "parcel text",
                    "primary key (order_id)", "index (parcel)",
                ])
            #expect(ProductDay.table.name == "sales")
            #expect(
                try columns(ProductDay.table) == [
                    "stock_number text not null", "day date not null", "units bigint not null",
                    "revenue numeric not null", "primary key (stock_number, day)", "index (day, revenue)",
                ])
        }

        @Test("Corners of the language")
        func corners() throws {
            #expect(
                try columns(Corner.Store.table) == [
                    "id bigint not null", "default boolean not null", "is_open boolean not null",
                    "hidden bigint not null",
                    "primary key (id)",
                ])
            #expect(try Corner.columnsOfOwn() == ["id", "note"])
            #expect(try columns(Wide.table).count == 42)
            #expect(try columns(Shown.table).count == 3)
            #expect(Shown.Opened.eventType == "Opened")
        }

        @Test("A public row of another module needs nothing more")
        func publicRows() throws {
            #expect(StockLevel.table.name == "stock_level")
            #expect(
                try columns(StockLevel.table) == [
                    "sku text not null", "quantity bigint not null", "primary key (sku)",
                ])
            #expect(try columns(StockLevel.Warehouse.table).first == "name text not null")
            #expect(try columns(StockReport.table).first == "day date not null")
            #expect(StockMovedTo.eventType == "StockMoved")
            #expect(StockMovedTo.schemaVersion == 2)
        }

        @Test("Events have the names and versions that they say")
        func events() throws {
            #expect(LinePlaced.eventType == "LinePlaced")
            #expect(LinePlaced.schemaVersion == 1)
            #expect(Shipped.eventType == "OrderShipped")
            #expect(Shipped.schemaVersion == 2)
            #expect(Paid.eventType == "Paid")
            #expect(Paid.schemaVersion == 3)
        }

        @Test("The plugin's names are the library's")
        func names() {
            for name in [
                "orderID", "firstAt", "URLPath", "a", "A", "snake_case", "HTTPServer2Go", "x1Y", "größeÄndert", "",
            ] {
                #expect(name.snakeCase == name.snakeCased)
            }
        }

        @Test("Events fold into rows that macros declare, and queries find them")
        func endToEnd() async throws {
            let logger = Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() }
            let database = PostgresConfiguration(try await TestCluster.shared.makeDatabase())
            let pool = PostgresPool(configuration: database, logger: logger)
            do {
                try await Migrator(pool: pool, logger: logger).migrate()
                let log = PostgresEventLog(pool: pool, logger: logger)
                try await fold(log, database, pool, logger)
                try await expectViews(Views(pool: pool))
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }

        private func fold(
            _ log: PostgresEventLog, _ database: PostgresConfiguration, _ pool: PostgresPool, _ logger: Logger
        ) async throws {
            let events = EventRegistry(LinePlaced.self, Shipped.self, StockMovedTo.self)
            let price = ExactDecimal(coefficient: 255, scale: 2)
            let placed = LinePlaced(sku: "85123A", quantity: 6, price: price)
            let order: [any Event] = [placed, placed, Shipped(parcel: "RM 1")]
            try await log.append(try order.map { try events.encode($0) }, to: "order-1", expected: .any)
            try await log.append([try events.encode(placed)], to: "order-2", expected: .any)
            try await log.append([try events.encode(StockMovedTo(quantity: 7))], to: "stock-85123A", expected: .any)
            let stock = ViewProjection(StockLevel.self, version: 1)
                .on(StockMovedTo.self) { level, moved, _ in level.quantity += moved.quantity }
            try await ProjectionEngine(
                ProjectionContext(
                    log: log, database: database, pool: pool,
                    projections: [OrderSummary.projection, ProductDay.projection, stock], events: events, logger: logger
                )
            ).runUntilCaughtUp()
        }

        private func expectViews(_ views: Views) async throws {
            let orders = try await views.fetch(OrderSummary.query.order(by: \.orderID))
            #expect(orders.map(\.orderID) == ["1", "2"])
            #expect(orders.map(\.lines) == [2, 1])
            #expect(
                orders.map(\.total) == [
                    ExactDecimal(coefficient: 3060, scale: 2), ExactDecimal(coefficient: 1530, scale: 2),
                ])
            #expect(orders.map(\.parcel) == ["RM 1", nil])
            let days = try await views.fetch(ProductDay.query.where(\.units > 17 && \.sku == "85123A"))
            #expect(days.map(\.units) == [18])
            let named = try await views.query("select amount from order_summary where parcel = \("RM 1")")
            #expect(try named.map { try $0.decode(0, as: ExactDecimal.self) } == orders.prefix(1).map(\.total))
            #expect(try await views.row(StockLevel.self, "85123A")?.quantity == 7)
        }
    }
#endif
