import HindsightPostgres

/// Some consecutive blocks of a table.
struct BlockRange: Hashable, Sendable {
    /// The first block,
    let first: Int64
    /// and the one after the last.
    let end: Int64

    /// The highest number that a block can have.
    private static let last: Int64 = 0xffff_fffe

    /// The blocks of two rows, those between them, and some on either side; nil for what is no place of a row.
    ///
    /// - Parameters:
    ///   - one: the place of a row as the server writes it: `(block,item)`.
    ///   - other: that of another row, before or after it.
    init?(from one: String, to other: String, margin: Int64) {
        guard let one = Self.block(one), let other = Self.block(other) else { return nil }
        first = max(0, min(one, other) - margin)
        end = min(Self.last, max(one, other) + margin) + 1
    }

    private static func block(_ place: String) -> Int64? {
        guard place.first == "(", let comma = place.firstIndex(of: ",") else { return nil }
        return Int64(place[place.index(after: place.startIndex)..<comma])
    }

    /// False if so many positions cannot fill these blocks: a row takes at most a quarter of one, since larger values
    /// stand elsewhere.
    func isPlausible(for positions: Int64) -> Bool {
        end - first <= positions / 4 + 256
    }

    /// The condition that a row stands in one of the blocks.
    var condition: SQL {
        let (from, to) = ("(\(first),0)", "(\(end),0)")
        return "e.ctid >= \(literal: from)::tid and e.ctid < \(literal: to)::tid"
    }
}
