/// The parked keys of a partition, and the events noted for them since they were last written.
///
/// The row of a parked key stays as it was before the event that could not be folded.
package final class ParkedKeys<Row: ViewRow> {
    /// A parked key, and what was noted for it since the last write.
    final class Entry {
        /// The key as it was spelled first.
        let key: Row.Key
        /// The key as the offset store has it.
        private(set) lazy var text = ParkedKeyText.encode(Row.table.key.texts(key))
        /// Why the first of the positions could not be folded; nil if they all wait behind an earlier one.
        fileprivate(set) var error: String?
        fileprivate(set) var positions: [Int64] = []
        /// How many more there are.
        fileprivate(set) var more: Int64 = 0
        /// The last of them all; negative if there is none.
        fileprivate(set) var last: Int64 = -1

        fileprivate init(_ key: Row.Key, text: String?) {
            self.key = key
            if let text { self.text = text }
        }

        fileprivate func note(_ position: Int64) {
            // An event may concern a key more than once.
            guard position > last else { return }
            last = position
            if positions.count < ParkedNotes.maximumPositions {
                positions.append(position)
            } else {
                more += 1
            }
        }

        fileprivate func removeNotes() {
            (error, positions, more, last) = (nil, [], 0, -1)
        }
    }

    private let isSame: @Sendable (Row.Key, Row.Key) -> Bool
    private let fuse: ParkingFuse
    /// By hash: keys that Swift takes for equal may be different rows.
    private var entries: [Int: [Entry]] = [:]
    private var count = 0
    /// Those for which something was noted, in the order of their first notes.
    private(set) var noted: [Entry] = []
    private var notedPositions = 0

    init(fuse: ParkingFuse) {
        isSame = Row.table.key.isSame
        self.fuse = fuse
    }

    /// True if steps have to be looked at one by one: a key is parked, or may be.
    var isNeeded: Bool { count > 0 || fuse.isOn }

    func contains(_ key: Row.Key, _ hash: Int) -> Bool {
        count > 0 && entry(key, hash) != nil
    }

    /// Takes in a key that is parked already, with its text in the offset store.
    func accept(_ key: Row.Key, _ hash: Int, text: String) {
        _ = insert(key, hash, text: text)
        fuse.note(1)
    }

    /// Parks a key, whose hash is given as well, at an event.
    ///
    /// - Returns: false if keys are not parked.
    /// - Throws: ``ProjectionError`` with `tooManyParked`.
    func park(_ key: Row.Key, _ hash: Int, at position: Int64, _ error: any Error) throws -> Bool {
        guard try fuse.take(error) else { return false }
        note(position, for: insert(key, hash), "\(error)")
        return true
    }

    /// Parks a key that may have been parked since the last write, at an earlier event.
    ///
    /// - Parameter positions: the events since the last write that concern the key, in order.
    func repark(_ key: Row.Key, at positions: [Int64], _ error: any Error) throws {
        let hash = key.hashValue
        let known = entry(key, hash)
        if known == nil { _ = try fuse.take(error) }
        let entry = known ?? insert(key, hash)
        noted.removeAll { $0 === entry }
        notedPositions -= entry.positions.count
        entry.removeNotes()
        for position in positions { note(position, for: entry, "\(error)") }
    }

    /// Notes an event for a parked key.
    func wait(_ key: Row.Key, _ hash: Int, at position: Int64) {
        guard let entry = entry(key, hash) else { return }
        note(position, for: entry, nil)
    }

    /// Notes that everything is written.
    func written() {
        for entry in noted { entry.removeNotes() }
        noted = []
        notedPositions = 0
    }

    /// Forgets everything: what is parked has to be read again.
    func forget() {
        fuse.forget(count)
        entries = [:]
        count = 0
        noted = []
        notedPositions = 0
    }

    /// The approximate memory of all this.
    var byteCount: Int {
        // The positions once more, in the arrays that are sent.
        count * (MemoryLayout<Row.Key>.stride + 128) + notedPositions * 64
    }

    private func note(_ position: Int64, for entry: Entry, _ error: String?) {
        if entry.last < 0 {
            entry.error = error
            noted.append(entry)
        }
        let before = entry.positions.count
        entry.note(position)
        notedPositions += entry.positions.count - before
    }

    private func entry(_ key: Row.Key, _ hash: Int) -> Entry? {
        entries[hash]?.first { isSame($0.key, key) }
    }

    private func insert(_ key: Row.Key, _ hash: Int, text: String? = nil) -> Entry {
        let entry = Entry(key, text: text)
        entries[hash, default: []].append(entry)
        count += 1
        return entry
    }
}
