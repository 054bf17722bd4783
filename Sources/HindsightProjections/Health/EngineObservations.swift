/// What can be seen of an engine's tables and processes, from which findings are decided.
package struct EngineObservations: Sendable {
    /// A projection's version, as the program declares it.
    package struct Declared: Hashable, Sendable {
        package var name: String
        package var version: Int
        /// Nil if it writes tables of its own.
        package var shape: ViewShape?

        package init(name: String, version: Int, shape: ViewShape? = nil) {
            self.name = name
            self.version = version
            self.shape = shape
        }
    }

    /// A row of the catalog that is not retired.
    package struct Version: Hashable, Sendable {
        /// What its table is for.
        package enum Kind: String, Sendable {
            case projection
            case rebuild
            case kept
        }

        package var kind: Kind
        package var name: String
        package var version: Int
        package var isActive = false
        /// Nil if it writes tables of its own.
        package var table: String?
        package var hasTable = true
        /// Whether the stable name exists.
        package var hasView = true
        package var bytes: Int64 = 0

        package init(_ name: String, version: Int, kind: Kind = .projection, table: String?) {
            self.name = name
            self.version = version
            self.kind = kind
            self.table = table
        }
    }

    /// A row of the offsets.
    package struct Shard: Hashable, Sendable {
        package var kind: String
        package var name: String
        package var version: Int
        package var position: Int64
        package var isHeld = false
        package var stoppedAt: Int64?
        package var error: String?
        /// Nil if it is of this log.
        package var otherLog: String?
        /// Why the log is not the one that it was read from.
        package var mismatch: String?
        package var parked = ParkedCount.none

        package init(_ kind: String, _ name: String, version: Int = 1, position: Int64) {
            self.kind = kind
            self.name = name
            self.version = version
            self.position = position
        }
    }

    /// A process with an engine.
    package struct Node: Hashable, Sendable {
        package var name: String
        package var state: NodeStatus.State
        package var isConnected: Bool
        package var session: Int32
        package var silentSeconds: Double
        /// What it declares, as "name version".
        package var declares: Set<String> = []

        package init(
            _ name: String, _ state: NodeStatus.State, isConnected: Bool, session: Int32, silentSeconds: Double
        ) {
            self.name = name
            self.state = state
            self.isConnected = isConnected
            self.session = session
            self.silentSeconds = silentSeconds
        }
    }

    /// An index on a table of a projection.
    package struct Index: Hashable, Sendable {
        package var name: String
        package var table: String
        package var columns: [String]
        package var isUnique: Bool
        package var isPrimary: Bool
        package var isValid: Bool

        package init(
            _ name: String, on table: String, _ columns: [String], isUnique: Bool = false, isPrimary: Bool = false,
            isValid: Bool = true
        ) {
            self.name = name
            self.table = table
            self.columns = columns
            self.isUnique = isUnique
            self.isPrimary = isPrimary
            self.isValid = isValid
        }
    }

    /// A table that is to be dropped.
    package struct Discarded: Hashable, Sendable {
        package var table: String
        package var seconds: Double
        /// The views that somebody has made over it.
        package var dependents: [String]

        package init(table: String, seconds: Double, dependents: [String]) {
            self.table = table
            self.seconds = seconds
            self.dependents = dependents
        }
    }

    package var schema: String
    package var viewSchema: String
    package var declared: [Declared] = []
    package var versions: [Version] = []
    package var shards: [Shard] = []
    package var nodes: [Node] = []
    package var pauses: [String: ProjectionStatus.Pause] = [:]
    package var rebuilds: [RebuildStatus] = []
    package var indexes: [Index] = []
    package var discarded: [Discarded] = []
    /// Tables and schemas that look like the engine's, and that nothing names.
    package var strayTables: [String] = []
    package var straySchemas: [String] = []

    package init(schema: String, viewSchema: String) {
        self.schema = schema
        self.viewSchema = viewSchema
    }
}
