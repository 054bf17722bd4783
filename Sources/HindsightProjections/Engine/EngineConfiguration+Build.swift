import HindsightValues

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension EngineConfiguration {
    /// The process's id on its machine.
    static var processID: Int { Int(getpid()) }

    /// When the executable was written, and its size: the same for a deployment's processes, since files keep that time in
    /// packages and images.
    static func defaultBuild() -> String {
        var file = stat()
        guard stat(executable, &file) == 0 else { return "unknown" }
        #if canImport(Darwin)
            let written = file.st_mtimespec
        #else
            let written = file.st_mtim
        #endif
        let time = Timestamp(microsecondsSince1970: Int64(written.tv_sec) * 1_000_000)
        return "\(time), \(file.st_size) bytes"
    }

    private static var executable: String {
        #if canImport(Darwin)
            var path = [CChar](repeating: 0, count: Int(PATH_MAX))
            var length = UInt32(path.count)
            guard _NSGetExecutablePath(&path, &length) == 0 else { return CommandLine.arguments[0] }
            return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #else
            // Also if it was replaced meanwhile: the file that runs.
            return "/proc/self/exe"
        #endif
    }
}
