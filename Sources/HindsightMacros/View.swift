#if Macros
    import HindsightProjections

    /// Makes a struct a row of a view: its stored properties are the columns of a table.
    ///
    /// ```swift
    /// @View
    /// struct OrderSummary {
    ///     @Key var orderID: String
    ///     var lines = 0
    ///     @Column("amount", precision: 12, scale: 2) var total: ExactDecimal = 0
    /// }
    /// ```
    ///
    /// The struct conforms to ``ViewRow``. Its ``ViewRow/table`` is as accessible as the struct, so that a public row needs
    /// nothing more. The view's name is the struct's in snake case, `order_summary`, and a column's name its property's,
    /// `order_id`.
    ///
    /// One property, or two, are marked ``Key()``. Each other one has the value that a new row begins with, or is optional.
    /// What is computed or static has no column.
    @attached(member, names: named(table))
    @attached(extension, conformances: ViewRow)
    public macro View() = #externalMacro(module: "HindsightMacroPlugin", type: "ViewMacro")

    /// Makes a struct a row of a view with a name of its own.
    ///
    /// ```swift
    /// @View("orders")
    /// struct OrderSummary {
    ///     @Key var orderID: String
    ///     var lines = 0
    /// }
    /// ```
    ///
    /// - Parameter name: the stable name of the view, 1 to 48 bytes, as a literal.
    @attached(member, names: named(table))
    @attached(extension, conformances: ViewRow)
    public macro View(_ name: String) = #externalMacro(module: "HindsightMacroPlugin", type: "ViewMacro")
#endif
