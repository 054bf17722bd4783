#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where the program of the tests' NATS servers is.
package enum NATSServerProgram {
    /// There is no program. A test that needs a server fails with this; it is not skipped.
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    /// The version that `scripts/setup nats` brings.
    package static let version = "2.15.1"

    /// The program that `HINDSIGHT_NATS_SERVER` names, else the one that `scripts/setup nats` brought.
    ///
    /// - Throws: ``Missing``, with what to do.
    package static func find() throws -> String {
        let named = ProcessInfo.processInfo.environment["HINDSIGHT_NATS_SERVER"] ?? ""
        guard named.isEmpty else {
            if FileManager.default.isExecutableFile(atPath: named) { return named }
            throw Missing(description: "HINDSIGHT_NATS_SERVER names \(named), which is not a program")
        }
        let candidates = ["\(repository)/.hindsight/bin/nats-server-\(version)"] + installed
        if let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) { return found }
        throw Missing(
            description: """
                no nats-server in \(candidates.joined(separator: ", ")): run scripts/setup nats, or set HINDSIGHT_NATS_SERVER \
                to the path of one
                """)
    }

    #if os(macOS)
        /// Where Homebrew puts it.
        private static let installed = ["/opt/homebrew/bin/nats-server", "/usr/local/bin/nats-server"]
    #else
        /// None: a system's own is often too old, and leaves out in silence what it does not know.
        private static let installed: [String] = []
    #endif

    /// This file is `Tests/HindsightTestSupport/NATS/Server/NATSServerProgram.swift`.
    private static let repository =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(5).joined(separator: "/")
}
