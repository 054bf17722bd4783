/// The user as which the server's programs run.
///
/// PostgreSQL refuses to run as root. So when the process is root, the programs run as the owner of the folder if that
/// is not root, else as `postgres` (`_postgres` on macOS) if the system has that user, else as `nobody`.
package struct ClusterAccount: Sendable {
    /// The user's id.
    package let userID: UInt32
    /// The user's group.
    package let groupID: UInt32
    /// Whether it differs from the user of this process.
    package let isOther: Bool

    private static let candidates = ["postgres", "_postgres", "nobody"]

    /// The account for a folder of this owner, or nil when the process is root and the system has no user to drop to.
    init?(folderOwner owner: UInt32, group: UInt32) {
        if SystemCalls.effectiveUser != 0 {
            self.init(userID: SystemCalls.effectiveUser, groupID: SystemCalls.effectiveGroup, isOther: false)
        } else if owner != 0 {
            self.init(userID: owner, groupID: group, isOther: true)
        } else {
            let users = Self.candidates.lazy.compactMap(SystemCalls.user(named:))
            guard let user = users.first(where: { $0.userID != 0 }) else { return nil }
            self.init(userID: user.userID, groupID: user.groupID, isOther: true)
        }
    }

    /// The user of this process.
    static var current: ClusterAccount {
        ClusterAccount(userID: SystemCalls.effectiveUser, groupID: SystemCalls.effectiveGroup, isOther: false)
    }

    private init(userID: UInt32, groupID: UInt32, isOther: Bool) {
        self.userID = userID
        self.groupID = groupID
        self.isOther = isOther
    }
}
