public import HindsightLog

// One closure for several types of events that have a protocol in common.
extension ViewProjection {
    /// Defines what events of several types that have a protocol in common do to the row of one key, which is made if
    /// there is none.
    ///
    /// ```swift
    /// .on(OrderLinePlaced.self, OrderLineCancelled.self, as: (any OrderLine).self, key: { line, _ in line.customer }) {
    ///     customer, line, _ in customer.spend += line.amount
    /// }
    /// ```
    ///
    /// Each event is wrapped as a value of the protocol, which costs as much as a short fold; beyond four types, more.
    /// Where that counts, write the fold as a generic function and name it for each type,
    /// `.on(OrderLinePlaced.self, fold: add)`, as the compiler then makes one for each of them.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - key: which row the event concerns, nil for none; an error stops the projection at the event.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<each E: Event, Shared>(
        _ types: repeat (each E).Type, as shared: Shared.Type, key: @escaping KeyOf<Shared>,
        fold: @escaping Fold<Shared>
    ) -> ViewProjection {
        var projection = self
        for type in repeat each types { projection = projection.onShared(type, key, fold) }
        return projection
    }

    /// Defines what events of several types that have a protocol in common do to the row whose key is the id of the
    /// event's stream, and which is made if there is none.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<each E: Event, Shared>(
        _ types: repeat (each E).Type, as shared: Shared.Type, fold: @escaping Fold<Shared>
    ) -> ViewProjection where Row.Key == String {
        keyedByStream { $0.on(repeat each types, as: shared, key: { $1.stream.id }, fold: fold) }
    }

    // The same for two, three and four types: the compiler specializes no code for the types of a parameter pack, and a
    // fold that is not specialized takes twice as long.

    /// Defines what events of two types that have a protocol in common do to the row of one key, which is made if there
    /// is none.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - key: which row the event concerns, nil for none; an error stops the projection at the event.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<A: Event, B: Event, Shared>(
        _ a: A.Type, _ b: B.Type, as shared: Shared.Type, key: @escaping KeyOf<Shared>, fold: @escaping Fold<Shared>
    ) -> ViewProjection {
        onShared(a, key, fold).onShared(b, key, fold)
    }

    /// Defines what events of two types that have a protocol in common do to the row whose key is the id of the
    /// event's stream, and which is made if there is none.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<A: Event, B: Event, Shared>(
        _ a: A.Type, _ b: B.Type, as shared: Shared.Type, fold: @escaping Fold<Shared>
    ) -> ViewProjection where Row.Key == String {
        keyedByStream { $0.on(a, b, as: shared, key: { $1.stream.id }, fold: fold) }
    }

    /// Defines what events of three types that have a protocol in common do to the row of one key, which is made if there
    /// is none.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - key: which row the event concerns, nil for none; an error stops the projection at the event.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<A: Event, B: Event, C: Event, Shared>(
        _ a: A.Type, _ b: B.Type, _ c: C.Type, as shared: Shared.Type, key: @escaping KeyOf<Shared>,
        fold: @escaping Fold<Shared>
    ) -> ViewProjection {
        onShared(a, key, fold).onShared(b, key, fold).onShared(c, key, fold)
    }

    /// Defines what events of three types that have a protocol in common do to the row whose key is the id of the
    /// event's stream, and which is made if there is none.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<A: Event, B: Event, C: Event, Shared>(
        _ a: A.Type, _ b: B.Type, _ c: C.Type, as shared: Shared.Type, fold: @escaping Fold<Shared>
    ) -> ViewProjection where Row.Key == String {
        keyedByStream { $0.on(a, b, c, as: shared, key: { $1.stream.id }, fold: fold) }
    }

    /// Defines what events of four types that have a protocol in common do to the row of one key, which is made if there
    /// is none.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - key: which row the event concerns, nil for none; an error stops the projection at the event.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<A: Event, B: Event, C: Event, D: Event, Shared>(
        _ a: A.Type, _ b: B.Type, _ c: C.Type, _ d: D.Type, as shared: Shared.Type, key: @escaping KeyOf<Shared>,
        fold: @escaping Fold<Shared>
    ) -> ViewProjection {
        onShared(a, key, fold).onShared(b, key, fold).onShared(c, key, fold).onShared(d, key, fold)
    }

    /// Defines what events of four types that have a protocol in common do to the row whose key is the id of the
    /// event's stream, and which is made if there is none.
    ///
    /// - Parameters:
    ///   - shared: the protocol that the types conform to. An event that does not conform to it stops the projection.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<A: Event, B: Event, C: Event, D: Event, Shared>(
        _ a: A.Type, _ b: B.Type, _ c: C.Type, _ d: D.Type, as shared: Shared.Type, fold: @escaping Fold<Shared>
    ) -> ViewProjection where Row.Key == String {
        keyedByStream { $0.on(a, b, c, d, as: shared, key: { $1.stream.id }, fold: fold) }
    }

    @inlinable
    @inline(__always)
    func onShared<E: Event, Shared>(
        _ type: E.Type, _ key: @escaping KeyOf<Shared>, _ fold: @escaping Fold<Shared>
    ) -> ViewProjection {
        on(
            type, key: { event, context in try key(try shareable(event), context) },
            fold: { row, event, context in try fold(&row, try shareable(event), context) })
    }
}

/// An event as a value of a protocol that it conforms to. Where both types are known, this costs no search.
@inlinable
@inline(__always)
func shareable<E: Event, Shared>(_ event: E) throws -> Shared {
    guard let shared = event as? Shared else {
        throw ProjectionError.notShared("\(E.self)", "\(Shared.self)")
    }
    return shared
}

extension ProjectionError {
    @usableFromInline
    static func notShared(_ type: String, _ shared: String) -> ProjectionError {
        ProjectionError(
            .invalidDefinition, "event type \(type) is handled as \(shared), to which it does not conform")
    }
}
