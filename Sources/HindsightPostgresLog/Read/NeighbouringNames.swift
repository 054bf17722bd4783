import HindsightLog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Names of streams and types in memory with a stable address; neighbours share them, so most strings need not be
/// created.
struct NeighbouringNames {
    private var streamBytes = UnsafeRawBufferPointer(start: nil, count: 0)
    let noStream = StreamName("")
    private var stream = StreamName("")
    private var types: [(bytes: UnsafeRawBufferPointer, name: String)] = []

    mutating func stream(_ bytes: UnsafeRawBufferPointer) -> StreamName {
        if !Self.isSame(bytes, streamBytes) {
            streamBytes = bytes
            stream = StreamName(String(decoding: bytes, as: UTF8.self))
        }
        return stream
    }

    mutating func type(_ bytes: UnsafeRawBufferPointer) -> String {
        for type in types where Self.isSame(bytes, type.bytes) { return type.name }
        let name = String(decoding: bytes, as: UTF8.self)
        if types.count < 32 { types.append((bytes, name)) }
        return name
    }

    private static func isSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return memcmp(first, second, left.count) == 0
    }
}
