/// What can be seen of a server and a role's connections to it, from which findings are decided.
package struct ServerObservations: Sendable {
    /// A server setting as this program's connections have it.
    package struct Setting: Hashable, Sendable {
        package var value: String
        /// Where it comes from, as `pg_settings.source` says.
        package var source: String

        package init(_ value: String, source: String = "configuration file") {
            self.value = value
            self.source = source
        }
    }

    /// A setting that a role, a database, or a role in a database has.
    package struct Override: Hashable, Sendable {
        /// Nil for every role.
        package var role: String?
        /// Nil in every database.
        package var database: String?
        package var value: String

        package init(role: String?, database: String?, value: String) {
            self.role = role
            self.database = database
            self.value = value
        }
    }

    /// A limit on connections, and how many of them are taken.
    package struct Connections: Hashable, Sendable {
        package var limit: Int
        package var used: Int

        package init(limit: Int, used: Int) {
            self.limit = limit
            self.used = used
        }
    }

    /// A transaction that was prepared for a later commit.
    package struct Prepared: Hashable, Sendable {
        package var name: String
        package var role: String
        package var seconds: Double

        package init(name: String, role: String, seconds: Double) {
            self.name = name
            self.role = role
            self.seconds = seconds
        }
    }

    /// The server, without secrets.
    package var place: String
    package var role: String
    package var database: String
    package var version = ""
    package var versionNumber = 0
    package var libraryVersion = 0
    package var isReplica = false
    package var settings: [String: Setting] = [:]
    /// Where `synchronous_commit` is set for a role or a database.
    package var commitOverrides: [Override] = []
    /// How many transactions old the oldest row of the database may be.
    package var transactionAge: Int64 = 0
    /// For ordinary roles on the server.
    package var serverConnections = Connections(limit: .max, used: 0)
    package var databaseConnections: Connections?
    package var roleConnections: Connections?
    package var prepared: [Prepared] = []
    /// The transactions of this database that have been open for minutes.
    package var oldTransactions: [SessionActivity] = []
    /// How many sessions this role may not see the transactions of.
    package var hiddenSessions = 0
    /// By how many seconds the server's clock may be ahead of this machine's; negative if it is behind.
    package var clockAhead: ClosedRange<Double> = 0...0

    package init(place: String, role: String, database: String) {
        self.place = place
        self.role = role
        self.database = database
    }

    package func value(_ setting: String) -> String { settings[setting]?.value ?? "" }

    /// The value of a setting that is a number; nil if the server does not have it.
    package func number(_ setting: String) -> Int? { settings[setting].flatMap { Int($0.value) } }
}
