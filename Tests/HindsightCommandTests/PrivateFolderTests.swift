import HindsightCommand
import HindsightTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Where the private database is", .timeLimit(.minutes(2)))
struct PrivateFolderTests {
    private func withFolders(_ body: (String) async throws -> Void) async throws {
        let root = "/tmp/hindsight-place-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        try FileManager.default.createDirectory(
            atPath: "\(root)/package/Sources/deep", withIntermediateDirectories: true)
        defer {
            // What cannot be removed is left to the system.
            try? FileManager.default.removeItem(atPath: root)
        }
        try await body(root)
    }

    private func touch(_ path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
    }

    @Test func isBesideThePackageManifest() async throws {
        try await withFolders { root in
            try touch("\(root)/package/Package.swift")
            for folder in ["package", "package/Sources", "package/Sources/deep"] {
                let found = PrivateFolder.find(from: "\(root)/\(folder)")
                #expect(found.path == "\(root)/package/.hindsight" && !found.exists)
            }
            // The nearest one counts.
            try touch("\(root)/package/Sources/Package.swift")
            #expect(
                PrivateFolder.find(from: "\(root)/package/Sources/deep").path == "\(root)/package/Sources/.hindsight")
        }
    }

    @Test func isTheOneThatIsThere() async throws {
        try await withFolders { root in
            try FileManager.default.createDirectory(
                atPath: "\(root)/package/.hindsight", withIntermediateDirectories: true)
            let found = PrivateFolder.find(from: "\(root)/package/Sources/deep")
            #expect(found.path == "\(root)/package/.hindsight" && found.exists)
        }
    }

    @Test func isANewOneHereOtherwise() async throws {
        try await withFolders { root in
            let found = PrivateFolder.find(from: "\(root)/package/Sources")
            #expect(found.path == "\(root)/package/Sources/.hindsight" && !found.exists)
        }
    }

    @Test("A folder that anybody may write to is passed over, unless one is in it")
    func openFolders() async throws {
        try await withFolders { root in
            try FileManager.default.createDirectory(atPath: "\(root)/.hindsight", withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: root)
            #expect(PrivateFolder.find(from: "\(root)/package").path == "\(root)/package/.hindsight")
            #expect(PrivateFolder.find(from: root).path == "\(root)/.hindsight")
        }
    }

    @Test func commandsInAnyFolderOfAPackageShareOne() async throws {
        try await withFolders { root in
            try touch("\(root)/package/Package.swift")
            let watchdog = try await Watchdog.start(over: "\(root)/package/.hindsight")
            let first = try await ShopProcess(startedIn: "\(root)/package/Sources")(
                "events", "import", "-", input: Lines.orders(0..<2))
            #expect(first.status == .exited(0), "\(first.error)")
            #expect(
                first.error.contains("making a new private database in \(root)/package/.hindsight"), "\(first.error)")
            let second = try await ShopProcess(startedIn: "\(root)/package/Sources/deep")("events", "read", "--json")
            #expect(second.lines.count == 6, "\(second.error)")
            #expect(second.error.isEmpty)
            withExtendedLifetime(watchdog) {}
        }
    }
}
