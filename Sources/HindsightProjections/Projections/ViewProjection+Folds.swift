public import HindsightLog

// What events do to rows. Everything is inlinable, so that folds are specialized in the module that defines them.
extension ViewProjection {
    // MARK: - One row

    /// Defines what an event of a type does to the row of one key, which is made if there is none.
    ///
    /// - Parameters:
    ///   - key: which row the event concerns, nil for none; an error stops the projection at the event.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<E: Event>(_ type: E.Type, key: @escaping KeyOf<E>, fold: @escaping Fold<E>) -> ViewProjection {
        let make = Row.table.make
        return onOne(type, key) { row, key, event, context in
            if row == nil { row = make(key) }
            try fold(&row!, event, context)
        }
    }

    /// Defines what an event of a type does to the row whose key is the id of the event's stream, and which is made if
    /// there is none.
    ///
    /// - Parameter fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<E: Event>(_ type: E.Type, fold: @escaping Fold<E>) -> ViewProjection where Row.Key == String {
        keyedByStream { $0.on(type, key: { $1.stream.id }, fold: fold) }
    }

    /// Defines what an event of a type does to the row of one key, if it has one; the fold decides whether it has one
    /// afterwards.
    ///
    /// - Parameters:
    ///   - key: which row the event concerns, nil for none; an error stops the projection at the event.
    ///   - fold: what the event does to the row, nil if there is none; it leaves nil to delete it. An error stops the
    ///     projection at the event.
    @inlinable
    public func onOptional<E: Event>(
        _ type: E.Type, key: @escaping KeyOf<E>, fold: @escaping OptionalFold<E>
    ) -> ViewProjection {
        onOne(type, key) { row, _, event, context in try fold(&row, event, context) }
    }

    /// Defines what an event of a type does to the row whose key is the id of the event's stream, if it has one; the fold
    /// decides whether it has one afterwards.
    ///
    /// - Parameter fold: what the event does to the row, nil if there is none; it leaves nil to delete it. An error
    ///   stops the projection at the event.
    @inlinable
    public func onOptional<E: Event>(_ type: E.Type, fold: @escaping OptionalFold<E>) -> ViewProjection
    where Row.Key == String {
        keyedByStream { $0.onOptional(type, key: { $1.stream.id }, fold: fold) }
    }

    /// Defines that an event of a type deletes the row of one key.
    ///
    /// - Parameter key: which row the event concerns, nil for none; an error stops the projection at the event.
    @inlinable
    public func delete<E: Event>(on type: E.Type, key: @escaping KeyOf<E>) -> ViewProjection {
        onOptional(type, key: key) { row, _, _ in row = nil }
    }

    /// Defines that an event of a type deletes the row whose key is the id of the event's stream.
    @inlinable
    public func delete<E: Event>(on type: E.Type) -> ViewProjection where Row.Key == String {
        onOptional(type) { row, _, _ in row = nil }
    }

    // MARK: - Several rows

    /// Defines what an event of a type does to the rows of several keys, or of none; those that do not exist are made.
    ///
    /// - Parameters:
    ///   - keys: which rows the event concerns, in the order in which they are folded; an error stops the projection.
    ///   - fold: what the event does to each row; an error stops the projection at the event.
    @inlinable
    public func onEach<E: Event>(
        _ type: E.Type, keys: @escaping KeysOf<E>, fold: @escaping Fold<E>
    ) -> ViewProjection {
        let make = Row.table.make
        return onSeveral(type, keys) { row, key, event, context in
            if row == nil { row = make(key) }
            try fold(&row!, event, context)
        }
    }

    /// Defines what an event of a type does to the rows of several keys, or of none, if they have rows; the fold decides
    /// whether they have one afterwards.
    ///
    /// - Parameters:
    ///   - keys: which rows the event concerns, in the order in which they are folded; an error stops the projection.
    ///   - fold: what the event does to each row, given with its key; an error stops the projection at the event.
    @inlinable
    public func onEachOptional<E: Event>(
        _ type: E.Type, keys: @escaping KeysOf<E>,
        fold: @escaping @Sendable (inout Row?, Row.Key, E, RecordedEvent) throws -> Void
    ) -> ViewProjection {
        onSeveral(type, keys, fold)
    }

    // MARK: - Plans

    @inlinable
    @inline(__always)
    func onOne<E: Event>(
        _ type: E.Type, _ key: @escaping KeyOf<E>,
        _ fold: @escaping @Sendable (inout Row?, Row.Key, E, RecordedEvent) throws -> Void
    ) -> ViewProjection {
        handle(type, fold) { plan, event, context, number, value, index in
            if let key = try key(event, context) { plan.plan(key, fold: number, value: value, event: index) }
        }
    }

    @inlinable
    @inline(__always)
    func onSeveral<E: Event>(
        _ type: E.Type, _ keys: @escaping KeysOf<E>,
        _ fold: @escaping @Sendable (inout Row?, Row.Key, E, RecordedEvent) throws -> Void
    ) -> ViewProjection {
        handle(type, fold) { plan, event, context, number, value, index in
            for key in try keys(event, context) { plan.plan(key, fold: number, value: value, event: index) }
        }
    }

    /// - Parameter steps: plans an event, given the numbers of its fold, of the event among those of its type, and in the
    ///   batch.
    @inlinable
    @inline(__always)
    func handle<E: Event>(
        _ type: E.Type, _ fold: @escaping @Sendable (inout Row?, Row.Key, E, RecordedEvent) throws -> Void,
        _ steps: @escaping @Sendable (FoldPlan<Row>, E, RecordedEvent, Int, Int, Int) throws -> Void
    ) -> ViewProjection {
        adding(
            Handler(type) { plan, decoders in
                let events = decoders.events(type)
                let values = events.base
                let number = plan.addFold { index, key, row, context in
                    try withBorrowedValue(values.pointee + index) { event in
                        try withBorrowedValue(context) { context in try fold(&row, key, event, context) }
                    }
                }
                plan.observe(events) { event, context, index, value in
                    guard plan.state.pointee.isSound else { return }
                    do {
                        try withBorrowedValue(event) { event in
                            try withBorrowedValue(context) { context in
                                try steps(plan, event, context, number, value, index)
                            }
                        }
                        plan.state.pointee.plannedEvents += 1
                    } catch {
                        plan.planFailed(at: index, context.pointee, error)
                    }
                }
            })
    }
}
