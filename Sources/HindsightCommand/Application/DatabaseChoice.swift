#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The database that an app uses, according to its environment.
package enum DatabaseChoice: Hashable, Sendable {
    /// The database that `DATABASE_URL` names, by a URI or a libpq conninfo string.
    case url(String)
    /// The database that libpq's own variables name.
    case variables
    /// A private server in a local folder.
    case local(folder: String)

    /// libpq's variables for the server and the user. One of them is enough.
    static let variableNames = [
        "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE",
        "PGSERVICEFILE",
    ]

    /// The choice according to an environment. An empty variable counts as missing.
    ///
    /// - Parameter privateFolder: where a private server is if no variable says anything.
    package init(environment: [String: String], privateFolder: @autoclosure () -> String = PrivateFolder.name) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let url = value("DATABASE_URL") {
            self = .url(url)
        } else if Self.variableNames.contains(where: { value($0) != nil }) {
            self = .variables
        } else {
            self = .local(folder: value("HINDSIGHT_HOME") ?? privateFolder())
        }
    }

    /// The choice according to this process's environment.
    static var current: DatabaseChoice {
        let environment = ProcessInfo.processInfo.environment
        switch DatabaseChoice(environment: environment, privateFolder: PrivateFolder.find().path) {
        case .local(let folder) where !folder.hasPrefix("/"):
            // So that messages say where it is.
            return .local(folder: "\(FileManager.default.currentDirectoryPath)/\(folder)")
        case let choice: return choice
        }
    }

    var isLocal: Bool {
        switch self {
        case .url, .variables: false
        case .local: true
        }
    }
}

extension DatabaseChoice: CustomStringConvertible {
    /// The source of the database's address, never the URL itself: that may hold a password.
    package var description: String {
        switch self {
        case .url: "the database of DATABASE_URL"
        case .variables: "the database of the PG… variables"
        case .local(let folder): "the private database in \(folder)"
        }
    }
}
