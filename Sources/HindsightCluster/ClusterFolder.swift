/// The folder with a cluster's files, and the user that owns them.
///
/// The folder belongs to the server's user and is closed to all others (0700), which is what makes connections without
/// a password safe. In it are the data (`data`), the socket (`socket`, unless its path would be too long), the server's
/// log (`server.log`) and two locks (`cluster.lock`, `users.lock`).
///
/// When the process is root and the server's user cannot reach the folder (below `/root`, say), the files are in a new
/// folder below `/var/lib/hindsight`, and the folder that was asked for holds a symbolic link `cluster` to it.
package struct ClusterFolder: Sendable {
    /// The folder that the app asked for.
    package let requested: String
    /// The folder with the files.
    package let home: String
    /// The owner, as which the server runs.
    package let account: ClusterAccount

    package var data: String { "\(home)/\(Self.dataName)" }
    package var log: String { "\(home)/\(Self.logName)" }
    var previousLog: String { "\(home)/server.log.old" }
    /// Held while a process looks at the server, starts it or stops it.
    var startLock: String { "\(home)/\(Self.marker)" }
    /// Held shared by each process that uses the server.
    var usersLock: String { "\(home)/users.lock" }

    /// A name made from the home's path, different for every folder.
    var clusterName: String { "hindsight-\(String(hash, radix: 16))" }
    /// FNV-1a: the same in every process, unlike `Hasher`.
    private var hash: UInt64 {
        home.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    static let dataName = "data"
    static let logName = "server.log"
    private static let marker = "cluster.lock"
    private static let link = "cluster"
    /// Programs that the same app has put there, such as a nats-server. They may be there before the database.
    private static let programs = "bin"
    private static let reachableParent = "/var/lib/hindsight"

    /// Creates the folder if it is missing, checks that it belongs to this cluster alone, and gives it to the server's
    /// user.
    static func prepare(_ path: String) async throws -> ClusterFolder {
        let absolute = try path.hasPrefix("/") ? path : "\(SystemCalls.currentFolder())/\(path)"
        try SystemCalls.makeFoldersAbove(absolute)
        try SystemCalls.makePrivateFolder(absolute)
        let folder = try SystemCalls.resolved(absolute)
        let status = try SystemCalls.status(ofFolder: folder)

        guard let account = ClusterAccount(folderOwner: status.owner, group: status.group) else {
            throw LocalClusterError(
                .noUnprivilegedUser, folder: folder,
                reason: "PostgreSQL does not run as root, and there is no other user to run it as",
                remedy: "add a user named postgres, or run the app as an ordinary user")
        }
        guard account.canSwitch else {
            throw LocalClusterError(
                .noUnprivilegedUser, folder: folder,
                reason: "PostgreSQL does not run as root, and there is no program to run it as another user",
                remedy: "install setpriv (util-linux) or sudo, or run the app as an ordinary user")
        }
        guard account.isOther || status.owner == account.userID else {
            throw LocalClusterError(
                .unsuitableFolder, folder: folder, reason: "it belongs to the user with id \(status.owner)",
                remedy: "run the app as that user, or name another folder")
        }
        let entries = try SystemCalls.entries(of: folder).filter { $0 != programs }
        guard entries.isEmpty || entries.contains(marker) || entries.contains(link) else {
            throw LocalClusterError(
                .unsuitableFolder, folder: folder, reason: "it holds other files",
                remedy: "name an empty folder or one that does not exist yet")
        }
        let home = try await home(for: folder, account: account)
        return ClusterFolder(requested: folder, home: home, account: account)
    }

    private static func home(for folder: String, account: ClusterAccount) async throws -> String {
        let link = "\(folder)/\(link)"
        if let target = SystemCalls.targetOfSymbolicLink(link) { return try checked(target, linkedBy: link, account) }
        let parent = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        if try await account.canEnter(parent.isEmpty ? "/" : parent) {
            try SystemCalls.makePrivate(folder, owner: account.userID, group: account.groupID)
            return folder
        }
        let elsewhere = "\(reachableParent)/\(randomName())"
        try SystemCalls.makeFoldersAbove(elsewhere)
        try SystemCalls.makePrivateFolder(elsewhere)
        try SystemCalls.makePrivate(elsewhere, owner: account.userID, group: account.groupID)
        if try SystemCalls.makeSymbolicLink(link, to: elsewhere) { return elsewhere }
        // Another process was faster.
        SystemCalls.removeEmptyFolder(elsewhere)
        return try checked(SystemCalls.targetOfSymbolicLink(link) ?? "", linkedBy: link, account)
    }

    private static func checked(_ target: String, linkedBy link: String, _ account: ClusterAccount) throws -> String {
        if SystemCalls.exists(target), try SystemCalls.status(ofFolder: target).owner == account.userID {
            return target
        }
        throw LocalClusterError(
            .unsuitableFolder, folder: link, reason: "its target \(target) is gone or belongs to another user",
            remedy: "put the target back, or remove the link to begin with an empty database")
    }

    static func randomName() -> String { String(UInt64.random(in: 0 ... .max), radix: 16) }
}
