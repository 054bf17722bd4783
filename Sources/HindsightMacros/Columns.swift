#if Macros
    /// Marks the property of a ``View()`` by which its rows are found. Two marked properties are a key of both, in the order
    /// in which they are declared.
    @attached(peer)
    public macro Key() = #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")

    /// Gives a property's column a name of its own.
    ///
    /// - Parameter name: the column's name, 1 to 63 bytes, as a literal.
    @attached(peer)
    public macro Column(_ name: String) = #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")

    /// Stores an `ExactDecimal` as `numeric` with a fixed scale, such as an amount of money. A value that has more digits
    /// stops the projection.
    ///
    /// - Parameters:
    ///   - precision: the number of digits in all, 1 to 38.
    ///   - scale: how many of them come after the point, from 0 to the precision.
    @attached(peer)
    public macro Column(precision: Int, scale: Int) =
        #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")

    /// Stores an `ExactDecimal` as `numeric` with a fixed scale, in a column with a name of its own.
    ///
    /// - Parameters:
    ///   - name: the column's name, 1 to 63 bytes, as a literal.
    ///   - precision: the number of digits in all, 1 to 38.
    ///   - scale: how many of them come after the point, from 0 to the precision.
    @attached(peer)
    public macro Column(_ name: String, precision: Int, scale: Int) =
        #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")

    /// Gives the table of a ``View()`` an index on a property's column.
    @attached(peer)
    public macro Index() = #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")

    /// Gives the table of a ``View()`` an index on several columns, in this order. It stands before the struct:
    ///
    /// ```swift
    /// @View
    /// @Index("day", "revenue")
    /// struct ProductDay {
    ///     @Key var sku: String
    ///     @Key var day: Day
    ///     var revenue: ExactDecimal = 0
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - property: the first property, by its name in Swift, as a literal.
    ///   - more: the others.
    @attached(peer)
    public macro Index(_ property: String, _ more: String...) =
        #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")

    /// Gives the table of a ``View()`` a unique index on a property's column: no two rows may have the same value.
    @attached(peer)
    public macro Unique() = #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")

    /// Gives the table of a ``View()`` a unique index on several columns, in this order. It stands before the struct.
    ///
    /// - Parameters:
    ///   - property: the first property, by its name in Swift, as a literal.
    ///   - more: the others.
    @attached(peer)
    public macro Unique(_ property: String, _ more: String...) =
        #externalMacro(module: "HindsightMacroPlugin", type: "MarkerMacro")
#endif
