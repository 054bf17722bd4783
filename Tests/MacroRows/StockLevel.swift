#if Macros
    public import Hindsight

    /// A public row in a module of its own, without a public `init`.
    @View
    public struct StockLevel {
        /// What is in stock.
        @Key public var sku: String
        /// How many.
        public var quantity = 0
    }

    /// A public event in a module of its own.
    @Event("StockMoved", version: 2)
    public struct StockMovedTo {
        /// How many came in.
        public var quantity: Int

        /// Creates an event.
        public init(quantity: Int) { self.quantity = quantity }
    }

    public extension StockLevel {
        /// A row that is public by its extension.
        @View
        struct Warehouse {
            /// Its name.
            @Key public var name = ""
            /// How many products it has.
            public var products: Int?
        }
    }

    /// What other modules of the package see.
    @View
    package struct StockReport {
        @Key package var day: Day
        package var moves = 0
    }
#endif
