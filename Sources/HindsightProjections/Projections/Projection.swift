package import HindsightLog
import HindsightPostgres

/// Named, versioned code that folds events into one view.
///
/// ``ViewProjection`` folds events into rows by key; ``SQLProjection`` runs statements of your own. Both commit what they do
/// and how far they have come in one transaction.
public protocol Projection: Sendable {
    /// What the engine needs to know.
    var definition: ProjectionDefinition { get }
}

extension Projection {
    /// The projection's name, and that of its view.
    public var name: String { definition.name }
    /// The version of the projection's code, from 1. A new version is filled from the beginning in a table of its own.
    public var version: Int { definition.version }
}

/// A projection as the engine sees it.
public struct ProjectionDefinition: Sendable {
    /// The projection's name, and that of its view.
    public let name: String
    /// The version of the projection's code, from 1.
    public let version: Int
    /// What is compared at start: a change of it needs a new version.
    package let shape: String
    /// The view's table; nil for a projection that writes tables of its own.
    package let view: ViewShape?
    /// Statements that make the tables of a projection that has its own.
    package let setUp: [String]
    /// Statements that empty them.
    package let clear: [String]
    /// The names under which the events that it wants are stored.
    package let storedTypes: @Sendable (EventRegistry) -> Set<String>
    /// The fields of events that folds look at, beside position, type and schema version.
    let fields: EventFields
    /// Starts a run over the table of the version.
    package let makeRun: @Sendable (ViewLocation) -> any ProjectionRun
    /// Makes what folds it during a rebuild: given the table to fill and the number of partitions, a power of two. Nil for a
    /// projection that writes tables of its own.
    let makeFold: (@Sendable (PostgresIdentifier, Int) -> any RebuildFold)?
    /// The view's rows as text, for those who only know the projection's name.
    package let textual: TextualView?
}

extension [ProjectionDefinition] {
    /// The newest version of a name that is declared.
    func newest(named name: String) throws -> ProjectionDefinition {
        guard let definition = filter({ $0.name == name }).max(by: { $0.version < $1.version }) else {
            let known = map(\.name).joined(separator: ", ")
            throw ProjectionError(.unknownProjection, "there is no projection \"\(name)\"; there are \(known)")
        }
        return definition
    }
}
