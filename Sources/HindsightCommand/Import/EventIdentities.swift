import CLibCrypto
package import HindsightValues

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Ids for events that come without one: the same event gets the same id whenever and wherever it is imported.
///
/// An id has the layout of a UUID of version 7 (RFC 9562). Its 48 bits of time are those of `at` in milliseconds. Its
/// other 74 bits are the first of SHA-256 over: stream, type (each its length in bytes as 4 bytes, then its UTF-8),
/// `at` in microseconds since 1970 as 8 bytes, data (4 bytes of length, then the bytes), and as 8 bytes the number of
/// earlier lines in the file with the same content. All numbers are big-endian.
///
/// Counting lines with the same content takes memory: about 50 bytes for each line without an id, half a gigabyte for
/// ten million.
package struct EventIdentities {
    /// The first half of a line's hash: enough to identify it.
    private struct Fingerprint: Hashable {
        var high: UInt64
        var low: UInt64
    }

    private var counts: [Fingerprint: UInt32] = [:]
    private var input: [UInt8] = []

    /// No line has been seen yet.
    package init() {}

    /// The id of a line.
    package mutating func next(stream: String, type: String, at: Timestamp, data: [UInt8]) -> UUID {
        input.removeAll(keepingCapacity: true)
        Self.append(stream.utf8, to: &input)
        Self.append(type.utf8, to: &input)
        Self.append(UInt64(bitPattern: at.microsecondsSince1970), to: &input)
        Self.append(data, to: &input)
        let end = input.count
        Self.append(UInt64(0), to: &input)
        var words = hash()
        let before = counts[words, default: 0]
        counts[words] = before + 1
        if before > 0 {
            input.removeSubrange(end...)
            Self.append(UInt64(before), to: &input)
            words = hash()
        }
        return Self.id(at: at, words)
    }

    private func hash() -> Fingerprint {
        // SHA-256 has 32 bytes.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            input.withUnsafeBufferPointer { _ = SHA256($0.baseAddress, $0.count, buffer.baseAddress) }
            let digest = UnsafeRawBufferPointer(buffer)
            return Fingerprint(
                high: UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    private static func id(at: Timestamp, _ hash: Fingerprint) -> UUID {
        // Rounded down, even before 1970, where the 48 bits are those of a negative number.
        let (quotient, remainder) = at.microsecondsSince1970.quotientAndRemainder(dividingBy: 1_000)
        let milliseconds = UInt64(bitPattern: remainder < 0 ? quotient - 1 : quotient)
        // 12 bits of the hash behind the version, the next 62 behind the variant.
        let high = milliseconds << 16 | 0x7000 | hash.high >> 52
        let low = 0x8000_0000_0000_0000 | (hash.high << 12 | hash.low >> 52) >> 2
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    private static func append(_ bytes: some Collection<UInt8>, to input: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { input.append(contentsOf: $0) }
        input.append(contentsOf: bytes)
    }

    private static func append(_ number: UInt64, to input: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { input.append(contentsOf: $0) }
    }
}
