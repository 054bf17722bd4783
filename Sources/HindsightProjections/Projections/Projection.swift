/// Named, versioned code that folds events into one view.
///
/// ``ViewProjection`` folds events into rows by key; ``SQLProjection`` runs statements of your own. Both commit their
/// changes and their offset in one transaction.
public protocol Projection: Sendable {
    /// The description that the engine works with.
    var definition: ProjectionDefinition { get }
}

extension Projection {
    /// The projection's name, and that of its view.
    public var name: String { definition.name }
    /// The version of the projection's code, from 1. A new version is filled from the beginning, in its own table.
    public var version: Int { definition.version }
}
