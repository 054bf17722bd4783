#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension SystemCalls {
    /// Whether a visible process is the PostgreSQL server with a cluster name.
    ///
    /// The id comes from a file that may be older than the machine's last start, so the id alone says nothing.
    static func isServer(_ processID: Int32, clusterName: String) -> Bool {
        #if canImport(Darwin)
            // The arguments of another user's process cannot be read here; the program's name must suffice.
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4 * Int(MAXPATHLEN)) { buffer in
                proc_pidpath(processID, buffer.baseAddress!, UInt32(buffer.count)) > 0
                    && String(cString: buffer.baseAddress!).hasSuffix("/postgres")
            }
        #else
            // Unlike other facts, the arguments of any user's process can be read. A dead process that waits for its
            // parent has none.
            let arguments = (text(of: "/proc/\(processID)/cmdline") ?? "").split(separator: "\0")
            return arguments.first?.split(separator: "/").last == "postgres"
                && arguments.contains { $0 == "cluster_name=\(clusterName)" }
        #endif
    }

    /// Ends the sessions that have outlived the cluster's killed server, as a crash of one of them would: the next
    /// start recovers from the write-ahead log.
    ///
    /// Call this only if no server runs, under the cluster's start lock.
    static func endOrphans(clusterName: String) {
        #if !canImport(Darwin)
            // On macOS the title of another process cannot be read; there the caller waits for the sessions.
            let title = "postgres: \(clusterName): "
            // Without /proc, nothing can be found.
            for process in ((try? entries(of: "/proc")) ?? []).compactMap({ Int32($0) })
            where text(of: "/proc/\(process)/cmdline")?.hasPrefix(title) == true {
                kill(process, SIGQUIT)
            }
        #endif
    }
}
