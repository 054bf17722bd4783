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
                let line = UnsafeRawBufferPointer(start: base + start, count: end - start)
                guard !line.isEmpty, let mark = memchr(base + start, 0x3A, line.count) else { continue }
                let colon = mark - UnsafeMutableRawPointer(mutating: base) - start
                let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
                if !body(name, trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))) { return }
            }
        }

        /// The value of the first header with this name.
        static func value(of name: StaticString, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
            var found: UnsafeRawBufferPointer?
            forEach(in: bytes) { candidate, value in
                guard candidate.equals(name) else { return true }
                found = value
                return false
            }
            return found
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

    extension UnsafeRawBufferPointer {
        /// Whether these are the bytes of the text.
        package func equals(_ text: StaticString) -> Bool {
            guard count == text.utf8CodeUnitCount, let baseAddress else { return count == text.utf8CodeUnitCount }
            return memcmp(baseAddress, text.utf8Start, count) == 0
        }

        /// Whether these are the bytes.
        package func equals(_ bytes: [UInt8]) -> Bool {
            count == bytes.count && hasPrefix(bytes)
        }

        /// Whether they begin with these bytes.
        package func hasPrefix(_ prefix: [UInt8]) -> Bool {
            guard count >= prefix.count, let baseAddress else { return prefix.isEmpty }
            return prefix.withUnsafeBytes { memcmp(baseAddress, $0.baseAddress ?? baseAddress, prefix.count) == 0 }
        }
    }
#endif
