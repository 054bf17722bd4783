#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A growable buffer of bytes in PostgreSQL's binary format: values are encoded into it.
///
/// Integers are written in network byte order. One buffer takes all parameters of a statement, so encoding a single
/// value allocates nothing.
public struct PostgresBuffer: Sendable {
    /// Zero-filled up to its length; only the first ``count`` bytes mean anything. Growing in steps keeps appending
    /// cheap.
    @usableFromInline var storage: [UInt8]
    /// How many bytes have been written.
    @inlinable public var count: Int { length }
    @usableFromInline var length: Int
    /// How many nulls have been written, so that an array knows whether it holds any.
    @usableFromInline var nullCount = 0

    /// An empty buffer.
    ///
    /// - Parameter capacity: bytes to make room for.
    public init(capacity: Int = 0) {
        storage = capacity > 0 ? [UInt8](repeating: 0, count: capacity) : []
        length = 0
    }

    /// Appends an integer of fixed width in network byte order.
    @inlinable
    public mutating func append<I: FixedWidthInteger>(_ value: I) {
        let position = advance(by: MemoryLayout<I>.size)
        storage.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: position, as: I.self) }
    }

    /// Appends bytes as they are.
    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let position = advance(by: bytes.count)
        storage.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[position..<position + bytes.count]).copyMemory(from: bytes)
        }
    }

    /// Appends bytes as they are.
    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends the UTF-8 bytes of a string.
    @inlinable
    public mutating func append(utf8 text: String) {
        let appended: Void? = text.utf8.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if appended == nil {
            append(Array(text.utf8))
        }
    }

    /// Appends what `body` writes, with its length in bytes before it as an `Int32`: the form of a field in an array or
    /// a row.
    ///
    /// - Throws: what `body` throws; ``PostgresError`` with code `encoding` if the bytes do not fit an `Int32` length.
    @inlinable
    public mutating func writeLengthPrefixed(_ body: (inout PostgresBuffer) throws -> Void) throws {
        let position = advance(by: 4)
        try body(&self)
        guard let length = Int32(exactly: count - position - 4) else {
            throw PostgresError(.encoding, "a value is larger than 2 GiB")
        }
        overwrite(length, at: position)
    }

    /// Appends a null field: a length of -1.
    @inlinable
    public mutating func appendNull() {
        append(Int32(-1))
        nullCount += 1
    }

    /// Forgets the content but keeps the memory.
    @inlinable
    public mutating func removeAll() {
        length = 0
        nullCount = 0
    }

    /// Makes room, so that this many more bytes can be written without growing.
    @inlinable
    public mutating func reserve(_ bytes: Int) {
        if count + bytes > storage.count {
            grow(to: count + bytes)
        }
    }

    /// Calls `body` with the bytes written so far.
    @inlinable
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    /// Replaces an integer that was written before.
    @inlinable
    mutating func overwrite<I: FixedWidthInteger>(_ value: I, at position: Int) {
        storage.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: position, as: I.self) }
    }

    /// Claims the next bytes and returns where they start.
    @inlinable
    mutating func advance(by bytes: Int) -> Int {
        let start = count
        if start + bytes > storage.count {
            grow(to: start + bytes)
        }
        length = start + bytes
        return start
    }

    @usableFromInline
    @inline(never)
    mutating func grow(to minimum: Int) {
        let target = max(minimum, storage.count * 2, 64)
        let (old, used) = (storage, length)
        storage = [UInt8](unsafeUninitializedCapacity: target) { bytes, count in
            let bytes = UnsafeMutableRawBufferPointer(bytes)
            old.withUnsafeBytes { bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<used])) }
            if let rest = bytes.baseAddress?.advanced(by: used) {
                memset(rest, 0, target - used)
            }
            count = target
        }
    }
}
