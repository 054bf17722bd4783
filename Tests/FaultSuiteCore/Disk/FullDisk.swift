import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A disk that is full while a file exists: an object that is preloaded into the server, compiled from `full_disk.c`.
struct FullDisk: Sendable {
    private let folder: SuiteFolder

    /// What the server's process needs in its environment.
    var environment: [String: String] {
        ["LD_PRELOAD": folder.fullDiskObject, "FULL_DISK_FLAG": folder.fullDiskFlag]
    }

    /// Compiles the object.
    ///
    /// - Returns: nil, with the reason, where that cannot be.
    static func make(in folder: SuiteFolder) async throws -> (disk: FullDisk?, reason: String) {
        #if os(Linux)
            for compiler in ["cc", "gcc", "clang"] {
                guard let (isCompiled, output) = await compile(with: compiler, in: folder) else { continue }
                guard isCompiled else { throw FaultFailure("\(compiler) does not compile \(source): \(output)") }
                return (FullDisk(folder: folder), "")
            }
            return (nil, "there is no C compiler: none of cc, gcc, clang is found")
        #else
            return (nil, "objects cannot be preloaded into a server on this system")
        #endif
    }

    /// Nil if there is no such compiler.
    private static func compile(
        with compiler: String, in folder: SuiteFolder
    ) async -> (isCompiled: Bool, output: String)? {
        do {
            let result = try await Subprocess.run(
                .name(compiler),
                arguments: ["-shared", "-fPIC", "-O1", "-o", folder.fullDiskObject, source, "-ldl"],
                output: .discarded, error: .string(limit: 1 << 16))
            return (result.terminationStatus.isSuccess, result.standardError)
        } catch {
            return nil
        }
    }

    /// This file is `Tests/FaultSuiteCore/Disk/FullDisk.swift`.
    private static let source =
        (#filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast() + ["full_disk.c"])
        .joined(separator: "/")

    func fill() throws { try Data().write(to: URL(filePath: folder.fullDiskFlag)) }

    /// Makes room again; does nothing if there is room.
    func clear() throws {
        guard FileManager.default.fileExists(atPath: folder.fullDiskFlag) else { return }
        try FileManager.default.removeItem(atPath: folder.fullDiskFlag)
    }
}
