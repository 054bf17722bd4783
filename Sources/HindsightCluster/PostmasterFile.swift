/// The server's own entries in the file `postmaster.pid` of its data folder.
///
/// See "Database File Layout" in PostgreSQL's manual.
package struct PostmasterFile: Equatable {
    /// The state of the server.
    package enum Status: String {
        /// Not accepting connections yet: starting, or recovering after a crash.
        case starting
        /// Accepting connections.
        case ready
        /// Accepting connections, read-only.
        case standby
        /// No longer accepting connections.
        case stopping
    }

    package let processID: Int32
    package let port: Int
    package let socketFolder: String
    package let status: Status

    /// Reads the file's text. A file that the server has not finished writing yet counts as starting.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let processID = lines.first.flatMap({ Int32($0) }), processID > 0 else { return nil }
        self.processID = processID
        port = lines.count > 3 ? Int(lines[3]) ?? 0 : 0
        socketFolder = lines.count > 4 ? String(lines[4]) : ""
        status = lines.count > 7 ? Status(rawValue: lines[7].prefix { $0 != " " }.description) ?? .starting : .starting
    }
}
