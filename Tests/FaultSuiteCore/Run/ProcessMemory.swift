#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The resident memory of processes.
enum ProcessMemory {
    /// In bytes; nil if the process has ended, or the system does not tell.
    static func resident(of process: Int32) -> Int? {
        // "VmRSS:     12345 kB"
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/status") else { return nil }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
}
