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

/// A copy of a pipe's data, to be read a second time: a temporary file without a name, which disappears with its last
/// user.
struct SpoolFile {
    /// The pipe's name in messages.
    private let name: String
    private let folder: String
    private let descriptor: Int32

    /// Creates an empty file in the folder that `TMPDIR` names, `/tmp` if it names none.
    ///
    /// - Throws: ``CommandError``.
    init(for name: String) throws {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        self.name = name
        folder = named.isEmpty ? "/tmp" : named
        var path = Array("\(folder)/hindsight-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw error() }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Appends to the file.
    ///
    /// - Throws: ``CommandError``.
    func write(_ bytes: UnsafeMutableRawBufferPointer) throws {
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let count = systemWrite(descriptor, rest)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw error() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// The file, to be read from its start. Call this once: the reader closes the file.
    ///
    /// - Throws: ``CommandError``.
    func reader() throws -> InputFile {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw error() }
        return InputFile(name: name, descriptor: descriptor)
    }

    private func error() -> CommandError {
        CommandError(
            """
            \(name) cannot be kept in \(folder), as gzip data from a pipe must be until its checksums are known: \
            \(String(cString: strerror(errno))); set TMPDIR to another folder, or import a file
            """)
    }
}
