#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder with the large sample data, which is beside the repository and not in it.
package enum SharedData {
    /// The path of the folder `shared` beside the repository, or of the one that `HINDSIGHT_SHARED` names; nil when it
    /// is not there.
    package static let folder: String? = {
        let named = ProcessInfo.processInfo.environment["HINDSIGHT_SHARED"]
        let folder = named ?? "\(repository)/../shared"
        var isFolder: Bool = false
        return FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder ? folder : nil
    }()

    /// For the trait `.enabled(if: SharedData.isPresent, "\(SharedData.absence)")`.
    package static var isPresent: Bool { folder != nil }

    /// Why a test is skipped.
    package static let absence = "skipped: ../shared is not beside the project, and HINDSIGHT_SHARED names no folder"

    /// This file is `Tests/HindsightTestSupport/SharedData.swift`.
    private static let repository =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
}
