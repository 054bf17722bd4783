/// Texts that occurred before: names and descriptions recur, and a known text needs no new memory.
///
/// Each text maps to two places, which hold the last two texts that mapped to them. (With one place, every sixth
/// description of the shop's 4,000 had to be made again.)
struct JSONTextCache {
    /// Shorter texts have no memory of their own; longer ones seldom recur.
    static let lengths = 16...64

    /// 2 to this power, in pairs.
    private static let pairBits = 12
    /// How many texts are created before the table is worth its memory: a decoder that decodes little gets none.
    private static let patience = 512

    private static var places: Int { 2 << pairBits }

    private struct Place {
        var hash: UInt64 = 0
        var text = ""
    }

    private var table: UnsafeMutablePointer<Place>?
    private var made = 0

    /// The text that these bytes are, which must be UTF-8 and as long as ``lengths`` says.
    mutating func text(of bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard let base = bytes.baseAddress, let table = readyTable() else { return Self.make(bytes) }
        let hash = Self.hash(UnsafeRawPointer(base), count: bytes.count)
        let latest = table + 2 * Int(hash >> UInt64(UInt64.bitWidth - Self.pairBits))
        if latest.pointee.hash == hash, Self.isText(&latest.pointee.text, bytes) { return latest.pointee.text }
        let other = latest + 1
        swap(&latest.pointee, &other.pointee)
        if latest.pointee.hash == hash, Self.isText(&latest.pointee.text, bytes) { return latest.pointee.text }
        let text = Self.make(bytes)
        latest.pointee = Place(hash: hash, text: text)
        return text
    }

    func deallocate() {
        guard let table else { return }
        table.deinitialize(count: Self.places)
        table.deallocate()
    }

    /// A text in memory of its own.
    @inline(__always)
    static func make(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        // Takes half the time of `String(decoding:as:)`, which checks the bytes again.
        String(unsafeUninitializedCapacity: bytes.count) { $0.initialize(fromContentsOf: bytes) }
    }

    private mutating func readyTable() -> UnsafeMutablePointer<Place>? {
        if let table { return table }
        made += 1
        guard made > Self.patience else { return nil }
        let new = UnsafeMutablePointer<Place>.allocate(capacity: Self.places)
        new.initialize(repeating: Place(), count: Self.places)
        table = new
        return new
    }

    /// - Parameter text: not changed. It is not a copy, which would have to be counted.
    @inline(__always)
    private static func isText(_ text: inout String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        text.withUTF8 { known in
            guard known.count == bytes.count, let left = known.baseAddress, let right = bytes.baseAddress else {
                return false
            }
            return areEqual(UnsafeRawPointer(left), UnsafeRawPointer(right), count: bytes.count)
        }
    }

    /// - Parameter count: 8 or more.
    private static func hash(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: count)
        var offset = 0
        while offset + 8 < count {
            hash = mixed(hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        return mixed(hash ^ bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
    }

    @inline(__always)
    private static func mixed(_ word: UInt64) -> UInt64 {
        // 2^64 divided by the golden ratio.
        let product = word &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 32
    }
}
