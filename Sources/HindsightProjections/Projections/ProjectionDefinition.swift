package import HindsightLog
import HindsightPostgres

/// A projection as the engine sees it.
public struct ProjectionDefinition: Sendable {
    /// The kinds of projections. Code that treats them differently switches over this enum, so that a new kind does not
    /// compile until every such place has been considered.
    package enum Kind: Sendable {
        /// Events are folded into the rows of one table.
        case view(FoldedView)
        /// Events run the projection's own statements.
        case sql(OwnTables)

        /// Whether each event costs the round trips of statements.
        var runsStatements: Bool {
            switch self {
            case .view: false
            case .sql: true
            }
        }
    }

    /// The projection's name, and that of its view.
    public let name: String
    /// The version of the projection's code, from 1.
    public let version: Int
    /// How it handles events.
    package let kind: Kind
    /// The types of events that it handles.
    package let events: [HandledEvents]

    /// True if its rows are folded by key into a view.
    package var isView: Bool {
        switch kind {
        case .view: true
        case .sql: false
        }
    }

    /// The projection that notes which events concern each of its rows; nil if it is not traced.
    package var notes: ProjectionDefinition? {
        switch kind {
        case .view(let view): view.makeNotes?()
        case .sql: nil
        }
    }

    /// The stored type names of the events that it wants.
    package func storedTypes(_ registry: EventRegistry) -> Set<String> {
        events.reduce(into: []) { $0.formUnion($1.storedTypes(registry)) }
    }
}

/// A view whose rows are folded by key.
package struct FoldedView: Sendable {
    /// The view's table.
    package let shape: ViewShape
    /// The fields of events that folds look at, besides position, type and schema version.
    let fields: EventFields
    /// True if an event concerns the row whose key is the id of its stream, and no other.
    let isKeyedByStream: Bool
    /// Tries the row type.
    let validate: @Sendable () throws -> Void
    /// Starts a run over the table of the version.
    let makeRun: @Sendable (ViewLocation) -> any ProjectionRun
    /// Makes the fold for a rebuild, given the table to fill and the number of partitions, a power of two.
    let makeFold: @Sendable (PostgresIdentifier, Int) -> any RebuildFold
    /// Makes the trace of the row whose key columns have these texts; nil if a text is not a value of its column.
    let makeTrace: @Sendable ([String]) -> (any RowTrace)?
    /// Makes the projection that notes which events concern each row; nil if the view is not traced.
    let makeNotes: (@Sendable () -> ProjectionDefinition)?
    /// The rows as text, for callers who only know the projection's name.
    package let textual: TextualView
}

/// Tables that a projection's own statements create, fill and empty.
package struct OwnTables: Sendable {
    /// Statements that create the tables.
    let setUp: [String]
    /// Statements that empty them.
    let clear: [String]
    /// How many events of different keys are handled at the same time at most.
    let keysInFlight: Int
    /// The name of the type of keys for each type of events; nil where events have no key.
    let keyTypes: [(event: String, key: String?)]
    /// Starts a run.
    let makeRun: @Sendable () -> any ProjectionRun
}

extension ProjectionDefinition {
    /// The text that is compared at start: changing it requires a new version.
    package var shape: String {
        switch kind {
        case .view(let view): view.shape.text
        case .sql(let tables): tables.setUp.joined(separator: ";\n")
        }
    }

    /// Starts a run over the tables of the version.
    func makeRun(_ location: ViewLocation) -> any ProjectionRun {
        switch kind {
        case .view(let view): view.makeRun(location)
        case .sql(let tables): tables.makeRun()
        }
    }
}

extension Sequence<any Projection> {
    /// What the engine works with: the projections, and those that are kept beside them.
    package var definitions: [ProjectionDefinition] {
        flatMap { projection in
            let definition = projection.definition
            return [definition] + [definition.notes].compactMap { $0 }
        }
    }
}

extension [ProjectionDefinition] {
    /// The newest declared version of a name.
    package func newest(named name: String) throws -> ProjectionDefinition {
        guard let definition = filter({ $0.name == name }).max(by: { $0.version < $1.version }) else {
            let known = map(\.name).joined(separator: ", ")
            throw ProjectionError(.unknownProjection, "there is no projection \"\(name)\"; there are \(known)")
        }
        return definition
    }
}
