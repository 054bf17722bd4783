#if Macros
    import HindsightLog

    /// Makes a struct or an enum an event that the log knows by the type's name.
    ///
    /// ```swift
    /// @Event
    /// struct OrderPlaced {
    ///     var customer: String
    ///     var total: ExactDecimal
    /// }
    /// ```
    @attached(member, names: named(eventType), named(schemaVersion))
    @attached(extension, conformances: Event)
    public macro Event() = #externalMacro(module: "HindsightMacroPlugin", type: "EventMacro")

    /// Makes a struct or an enum an event with a name of its own.
    ///
    /// - Parameter type: the name by which the log knows the type, as a literal.
    @attached(member, names: named(eventType), named(schemaVersion))
    @attached(extension, conformances: Event)
    public macro Event(_ type: String) = #externalMacro(module: "HindsightMacroPlugin", type: "EventMacro")

    /// Makes a struct or an enum an event of a later shape.
    ///
    /// - Parameter version: the version of the type's shape, from 1.
    @attached(member, names: named(eventType), named(schemaVersion))
    @attached(extension, conformances: Event)
    public macro Event(version: Int) = #externalMacro(module: "HindsightMacroPlugin", type: "EventMacro")

    /// Makes a struct or an enum an event with a name of its own and of a later shape.
    ///
    /// ```swift
    /// @Event("OrderPlaced", version: 2)
    /// struct OrderPlacedWithCurrency {
    ///     var total: ExactDecimal
    ///     var currency: String
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - type: the name by which the log knows the type, as a literal.
    ///   - version: the version of the type's shape, from 1.
    @attached(member, names: named(eventType), named(schemaVersion))
    @attached(extension, conformances: Event)
    public macro Event(_ type: String, version: Int) =
        #externalMacro(module: "HindsightMacroPlugin", type: "EventMacro")
#endif
