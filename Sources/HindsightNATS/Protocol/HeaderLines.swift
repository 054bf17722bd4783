#if NATS
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif

    /// The lines of a message's headers, in the bytes of the message.
    package enum HeaderLines {
        /// Calls `body` with each name and value, until it answers `false`.
        package static func forEach(
            in bytes: UnsafeRawBufferPointer,
            _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
        ) {
            guard let base = bytes.baseAddress else { return }
            var start = 0
            var isFirst = true
            while start < bytes.count, let found = memchr(base + start, 0x0A, bytes.count - start) {
                let end = found - UnsafeMutableRawPointer(mutating: base)
                defer { start = end + 1 }
                if isFirst {
                    isFirst = false
                    continue
                }
                let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
                let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
                if !body(name, trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))) { return }
            }
        }

        /// The bytes without white space around them.
        static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            var lower = 0
            var upper = bytes.count
            while lower < upper, isSpace(bytes[lower]) { lower += 1 }
            while upper > lower, isSpace(bytes[upper - 1]) { upper -= 1 }
            return UnsafeRawBufferPointer(rebasing: bytes[lower..<upper])
        }

        private static func isSpace(_ byte: UInt8) -> Bool {
            byte == 0x20 || byte == 0x09 || byte == 0x0D
        }
    }
#endif
