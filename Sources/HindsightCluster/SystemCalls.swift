#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The few system calls that the cluster needs, with Swift types.
///
/// Paths of folders that another user may write to are never followed through a symbolic link in their last component.
enum SystemCalls {
    /// A failed call: its name, the path and the system's message.
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let path: String
        let number: Int32

        var description: String { "\(call) \(path): \(String(cString: strerror(number)))" }
    }

    /// Who owns a folder, and who may use it.
    struct FolderStatus {
        let owner: UInt32
        let group: UInt32
        let permissions: UInt32
    }

    static var effectiveUser: UInt32 { geteuid() }
    static var effectiveGroup: UInt32 { getegid() }

    static func environmentVariable(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    static func currentFolder() throws -> String { try resolved(".") }

    /// The path without symbolic links and dots; everything on it must exist.
    static func resolved(_ path: String) throws -> String {
        guard let real = realpath(path, nil) else { throw failure("realpath", path) }
        defer { free(real) }
        return String(cString: real)
    }

    /// Creates the folder for this user alone; returns whether it is new.
    @discardableResult
    static func makePrivateFolder(_ path: String) throws -> Bool { try makeFolder(path, mode: 0o700) }

    /// Creates the missing folders above the path, like `mkdir -p`.
    static func makeFoldersAbove(_ path: String) throws {
        for index in path.indices.dropFirst() where path[index] == "/" {
            _ = try makeFolder(String(path[..<index]), mode: 0o755)
        }
    }

    private static func makeFolder(_ path: String, mode: mode_t) throws -> Bool {
        if mkdir(path, mode) == 0 { return true }
        // Another process may have made it; some systems answer EROFS or EACCES although it exists.
        var status = stat()
        let number = errno
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return false }
        throw Failure(call: "mkdir", path: path, number: number)
    }

    /// Opens a folder, which must not be a symbolic link, while `body` runs.
    static func withFolder<T>(_ path: String, _ body: (Int32) throws -> T) throws -> T {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        return try body(descriptor)
    }

    static func status(ofFolder path: String) throws -> FolderStatus {
        try withFolder(path) { descriptor in
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw failure("stat", path) }
            return FolderStatus(
                owner: status.st_uid, group: status.st_gid, permissions: UInt32(status.st_mode) & 0o7777)
        }
    }

    /// Gives the folder to a user, closed to all others.
    static func makePrivate(_ path: String, owner: UInt32, group: UInt32) throws {
        try withFolder(path) { descriptor in
            guard fchown(descriptor, owner, group) == 0 else { throw failure("chown", path) }
            guard fchmod(descriptor, 0o700) == 0 else { throw failure("chmod", path) }
        }
    }

    static func makeSymbolicLink(_ path: String, to target: String) throws -> Bool {
        if symlink(target, path) == 0 { return true }
        if errno == EEXIST { return false }
        throw failure("symlink", path)
    }

    /// The target of a symbolic link, or nil if there is no link at the path.
    static func targetOfSymbolicLink(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            let count = readlink(path, buffer.baseAddress!, buffer.count)
            return count < 0 ? nil : String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// The names in a folder, sorted.
    static func entries(of path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw failure("opendir", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// The file's bytes from an offset, as text; nil if there is no such file.
    static func text(of path: String, from offset: Int = 0) -> String? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { return nil }
        var bytes: [UInt8] = []
        let chunk = 64 * 1024
        while true {
            let part = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
                count = max(0, read(descriptor, buffer.baseAddress!, chunk))
            }
            if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += part
        }
    }

    /// The file's size in bytes; 0 if there is no such file.
    static func size(of path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    static func rename(_ path: String, to target: String) throws {
        #if canImport(Darwin)
            let result = Darwin.rename(path, target)
        #elseif canImport(Musl)
            let result = Musl.rename(path, target)
        #else
            let result = Glibc.rename(path, target)
        #endif
        guard result == 0 else { throw failure("rename", path) }
    }

    /// Makes a rename in the folder survive a crash of the machine.
    static func synchronize(folder path: String) throws {
        try withFolder(path) { descriptor in
            guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
        }
    }

    /// Removes a file, which may be missing.
    static func removeFile(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink", path) }
    }

    /// Removes an empty folder; returns whether it is gone.
    @discardableResult
    static func removeEmptyFolder(_ path: String) -> Bool { rmdir(path) == 0 || errno == ENOENT }

    /// The ids of a user by name; nil if the system does not know the name.
    static func user(named name: String) -> (userID: UInt32, groupID: UInt32)? {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 * 1024) { buffer in
            guard getpwnam_r(name, &entry, buffer.baseAddress!, buffer.count, &result) == 0, result != nil else {
                return nil
            }
            return (entry.pw_uid, entry.pw_gid)
        }
    }

    /// Whether the C library knows a locale, without changing the process's own.
    static func hasLocale(_ name: String) -> Bool {
        guard let locale = newlocale(LC_CTYPE_MASK, name, nil) else { return false }
        freelocale(locale)
        return true
    }

    static func failure(_ call: String, _ path: String) -> Failure {
        Failure(call: call, path: path, number: errno)
    }
}
