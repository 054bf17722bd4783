/// A stretch of the log, and how the positions of events in it are noted: two bytes each, the higher one first, in order. As numbers in
/// JSON they would take five times the room.
package enum NotedStretch {
    /// The shape of the tables of ``NotedEvents``, by which they are known where no program declares them.
    package static let shape = """
        key text not null
        stretch bigint not null
        offsets bytea not null
        primary key (key, stretch)
        """

    /// How many positions a stretch has: so few that a row that each event concerns is written again in little time, and so many that
    /// not each event of a row that few concern is a row of its own.
    private static let length: Int64 = 8_192

    /// The number of a position's stretch, from 0.
    static func number(of position: Int64) -> Int64 { position / length }

    /// Notes a position, once.
    static func note(_ position: Int64, in offsets: inout [UInt8]) {
        let offset = UInt16(truncatingIfNeeded: position % length)
        let bytes = [UInt8(offset >> 8), UInt8(truncatingIfNeeded: offset)]
        if !offsets.suffix(2).elementsEqual(bytes) { offsets += bytes }
    }

    /// The positions that are noted in a stretch.
    static func positions(_ offsets: [UInt8], in stretch: Int64) -> [Int64] {
        Swift.stride(from: 1, to: offsets.count, by: 2).map { index in
            stretch * length + (Int64(offsets[index - 1]) << 8 | Int64(offsets[index]))
        }
    }
}
