#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which database an app uses, as its environment says.
package enum DatabaseChoice: Hashable, Sendable {
    /// The one that `DATABASE_URL` names, by a URI or a libpq conninfo string.
    case url(String)
    /// The one that libpq's own variables name.
    case variables
    /// A private server in a local folder.
    case local(folder: String)

    /// libpq's variables that say where a server is or who asks. One of them is enough.
    static let variableNames = [
        "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE",
        "PGSERVICEFILE",
    ]

    /// The choice that an environment makes. A variable that is empty is as good as none.
    package init(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let url = value("DATABASE_URL") {
            self = .url(url)
        } else if Self.variableNames.contains(where: { value($0) != nil }) {
            self = .variables
        } else {
            self = .local(folder: value("HINDSIGHT_HOME") ?? ".hindsight")
        }
    }

    /// The choice that this process's environment makes.
    static var current: DatabaseChoice { DatabaseChoice(environment: ProcessInfo.processInfo.environment) }

    var isLocal: Bool {
        switch self {
        case .url, .variables: false
        case .local: true
        }
    }
}

extension DatabaseChoice: CustomStringConvertible {
    /// Where the database is named, never its URL: that may hold a password.
    package var description: String {
        switch self {
        case .url: "the database of DATABASE_URL"
        case .variables: "the database of the PG… variables"
        case .local(let folder): "the local database in \(folder)"
        }
    }
}
