/// A set of keys in little memory: it may find a key that was never inserted, but it never misses one that was.
///
/// A Bloom filter (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970) with ten bits for each
/// key. It grows by adding filters, each twice as large as the last (Almeida et al., "Scalable Bloom filters", 2007).
package struct KeyFilter: Sendable {
    private struct Layer: Sendable {
        var words: [UInt64]
        var free: Int

        init(keys: Int) {
            let bits = max(1024, keys * 10)
            // A power of two, so that a mask turns a hash into a place.
            words = [UInt64](repeating: 0, count: 1 << (Int.bitWidth - (bits / 64 - 1).leadingZeroBitCount))
            free = keys
        }

        private func places(_ hash: UInt64) -> (Int, Int, Int, Int) {
            let mask = UInt64(words.count * 64 - 1)
            let first = hash
            let second = (hash >> 32 | hash << 32) | 1
            return (
                Int(first & mask), Int((first &+ second) & mask), Int((first &+ 2 &* second) & mask),
                Int((first &+ 3 &* second) & mask)
            )
        }

        mutating func insert(_ hash: UInt64) {
            let (a, b, c, d) = places(hash)
            for place in [a, b, c, d] { words[place >> 6] |= 1 << UInt64(place & 63) }
            free -= 1
        }

        func contains(_ hash: UInt64) -> Bool {
            let (a, b, c, d) = places(hash)
            return has(a) && has(b) && has(c) && has(d)
        }

        private func has(_ place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }
    }

    private var layers: [Layer] = []

    package init() {}

    /// How much memory it takes, in bytes.
    package var byteCount: Int { layers.reduce(0) { $0 + $1.words.count * 8 } }

    /// Inserts a key by its hash.
    package mutating func insert(_ hash: Int) {
        if layers.last.map({ $0.free == 0 }) ?? true {
            layers.append(Layer(keys: max(4_096, (layers.last?.words.count ?? 0) * 64 / 10 * 2)))
        }
        layers[layers.count - 1].insert(Self.mixed(hash))
    }

    /// True if a key with this hash may have been inserted, false if none was.
    package func mayContain(_ hash: Int) -> Bool {
        let mixed = Self.mixed(hash)
        return layers.contains { $0.contains(mixed) }
    }

    /// Spreads a hash over all bits: the low ones are the same for all keys of a partition.
    private static func mixed(_ hash: Int) -> UInt64 {
        let mixed = UInt64(bitPattern: Int64(hash)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ mixed >> 29
    }
}
