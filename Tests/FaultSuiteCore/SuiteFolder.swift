#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The files of a run.
struct SuiteFolder: Sendable {
    /// What is removed at the end: the server's data and everything but the logs.
    let root: String
    /// The logs of the nodes, of the suite itself and of the server.
    let logs: String

    var moments: String { "\(root)/moments" }
    /// While it exists, the disk is full.
    var fullDiskFlag: String { "\(root)/disk-is-full" }
    var fullDiskObject: String { "\(root)/full_disk.so" }

    func log(of name: String) -> String { "\(logs)/\(name).log" }

    /// What somebody has logged so far.
    func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: log(of: name))), as: UTF8.self)
    }

    /// Makes the folders.
    ///
    /// - Parameter logs: where the logs go; nil: to a temporary folder.
    static func make(logs: String?) throws -> SuiteFolder {
        let number = String(UInt64.random(in: 0 ... .max), radix: 16)
        let root = "/tmp/hindsight-faults-\(number)"
        let files = FileManager.default
        // The server may run as another user, which must be able to pass.
        try files.createDirectory(
            atPath: root, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o711])
        let folder = SuiteFolder(root: root, logs: logs ?? "/tmp/hindsight-faults-logs-\(number)")
        try files.createDirectory(atPath: folder.moments, withIntermediateDirectories: false)
        try files.createDirectory(atPath: folder.logs, withIntermediateDirectories: true)
        guard try files.contentsOfDirectory(atPath: folder.logs).isEmpty else {
            try files.removeItem(atPath: root)
            // What an earlier run has logged would count as this one's.
            throw FaultFailure("\(folder.logs) is not empty: name another folder, or remove what is in it")
        }
        return folder
    }

    /// Copies the server's log beside the others, and returns it.
    func keepServerLog() throws -> String {
        let data = try Data(contentsOf: URL(filePath: "\(root)/cluster/server.log"))
        try data.write(to: URL(filePath: log(of: "server")))
        return String(decoding: data, as: UTF8.self)
    }

    func removeLogs() throws { try FileManager.default.removeItem(atPath: logs) }
}
