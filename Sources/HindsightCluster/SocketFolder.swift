/// The folder of a server's socket: private to the server's user, with a path that fits into a socket's address.
struct SocketFolder {
    let path: String

    static let port = 5432
    /// The shortest room for a socket's path among the supported systems is 104 bytes with the closing zero (macOS).
    private static let longestPath = 103

    /// Creates the folder, or checks and cleans an existing one; no server may be using it.
    ///
    /// The folder is in the cluster's home. If the path there would be too long, or has characters with a meaning in a
    /// list of folders, it is a folder in `$XDG_RUNTIME_DIR` or `/tmp` whose name is made from the user and the home.
    static func prepare(for folder: ClusterFolder) throws -> SocketFolder {
        let path = choosePath(folder)
        let account = folder.account
        let isNew = try SystemCalls.makePrivateFolder(path)
        // Anyone may create folders in /tmp: a folder of another user, or one that others may write to, could hold
        // another user's socket.
        let status = try SystemCalls.status(ofFolder: path)
        let isOurs = status.owner == account.userID || (account.isOther && status.owner == 0)
        guard isNew || (isOurs && status.permissions & 0o077 == 0) else {
            throw LocalClusterError(
                .unsuitableFolder, folder: folder.requested,
                reason: "the folder for its socket, \(path), belongs to another user or is open to others",
                remedy: "remove that folder, or name a data folder with a shorter path")
        }
        try SystemCalls.makePrivate(path, owner: account.userID, group: account.groupID)
        // The files of a killed server name a process id that may belong to another process by now.
        try SystemCalls.removeFile("\(path)/.s.PGSQL.\(port).lock")
        return SocketFolder(path: path)
    }

    /// Removes the folder after the server has stopped, if it is not in the cluster's home.
    static func removeLeftOver(of folder: ClusterFolder) {
        let path = choosePath(folder)
        if path != inHome(folder.home) { SystemCalls.removeEmptyFolder(path) }
    }

    private static func choosePath(_ folder: ClusterFolder) -> String {
        if fits(inHome(folder.home)) { return inHome(folder.home) }
        if !folder.account.isOther, let runtime = SystemCalls.environmentVariable("XDG_RUNTIME_DIR") {
            let path = "\(runtime)/\(folder.clusterName)"
            if runtime.hasPrefix("/"), fits(path), SystemCalls.exists(runtime) { return path }
        }
        return "/tmp/\(folder.clusterName)-\(folder.account.userID)"
    }

    private static func inHome(_ home: String) -> String { "\(home)/socket" }

    private static func fits(_ path: String) -> Bool {
        path.isPlain && "\(path)/.s.PGSQL.\(port)".utf8.count <= longestPath
    }
}
