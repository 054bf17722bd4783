#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The folder of the private database where `HINDSIGHT_HOME` names none, found from the folder in which a command is
/// started: the commands of an app find the same database anywhere in its package.
package struct PrivateFolder: Hashable, Sendable {
    /// The name of the folder.
    package static let name = ".hindsight"

    /// The folder's absolute path.
    package let path: String
    /// Whether it is there already.
    package let exists: Bool

    private init(in folder: String, exists: Bool) {
        path = folder.hasSuffix("/") ? "\(folder)\(Self.name)" : "\(folder)/\(Self.name)"
        self.exists = exists
    }

    /// The nearest folder, from this one upwards, that has a private database or a package's manifest in it; this one if
    /// none has.
    ///
    /// - Parameter folder: an absolute path. Defaults to the current folder.
    package static func find(from folder: String = FileManager.default.currentDirectoryPath) -> PrivateFolder {
        var candidate = folder
        while true {
            // Anybody could have put a database there, and would be given the app's events.
            if candidate == folder || !isOpenToAll(candidate) {
                let database = PrivateFolder(in: candidate, exists: true)
                if isFolder(database.path) { return database }
                let manifest = candidate.hasSuffix("/") ? "\(candidate)Package.swift" : "\(candidate)/Package.swift"
                if status(manifest) != nil { return PrivateFolder(in: candidate, exists: false) }
            }
            guard let slash = candidate.lastIndex(of: "/"), candidate != "/" else { break }
            candidate = slash == candidate.startIndex ? "/" : String(candidate[..<slash])
        }
        return PrivateFolder(in: folder, exists: false)
    }

    /// True if there is a folder with this path.
    static func isFolder(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

    private static func isOpenToAll(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IWOTH != 0 } ?? true }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
