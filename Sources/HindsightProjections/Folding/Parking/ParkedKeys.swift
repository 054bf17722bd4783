/// The parked keys of a partition, and the events noted for them since they were last written.
///
/// The row of a parked key stays as it was before the event that could not be folded.
package final class ParkedKeys<Row: ViewRow> {
    /// An event noted for a key.
    package struct Note {
        package let key: Row.Key
        package let position: Int64
        /// Why the event could not be folded; nil if it waits behind one that could not.
        package let error: String?
    }

    private let isSame: @Sendable (Row.Key, Row.Key) -> Bool
    private let fuse: ParkingFuse
    /// By hash: keys that Swift takes for equal may be different rows.
    private var keys: [Int: [Row.Key]] = [:]
    private var count = 0
    /// What was noted since the last write, in the order of the events.
    package private(set) var notes: [Note] = []

    init(fuse: ParkingFuse) {
        isSame = Row.table.key.isSame
        self.fuse = fuse
    }

    /// True if steps have to be looked at one by one: a key is parked, or may be.
    var isNeeded: Bool { count > 0 || fuse.isOn }

    func contains(_ key: Row.Key, _ hash: Int) -> Bool {
        guard count > 0, let candidates = keys[hash] else { return false }
        return candidates.contains { isSame($0, key) }
    }

    /// Takes in a key that is parked already.
    func accept(_ key: Row.Key) {
        insert(key)
        fuse.note(1)
    }

    /// Parks a key at an event.
    ///
    /// - Returns: false if keys are not parked.
    /// - Throws: ``ProjectionError`` with `tooManyParked`.
    func park(_ key: Row.Key, at position: Int64, _ error: any Error) throws -> Bool {
        guard try fuse.take(error) else { return false }
        insert(key)
        notes.append(Note(key: key, position: position, error: "\(error)"))
        return true
    }

    /// Parks a key that may have been parked since the last write, at an earlier event.
    ///
    /// - Parameter positions: the events since the last write that concern the key.
    func repark(_ key: Row.Key, at positions: [Int64], _ error: any Error) throws {
        let hash = key.hashValue
        if contains(key, hash) {
            notes.removeAll { isSame($0.key, key) }
        } else {
            _ = try fuse.take(error)
            insert(key)
        }
        for (index, position) in positions.enumerated() {
            notes.append(Note(key: key, position: position, error: index == 0 ? "\(error)" : nil))
        }
    }

    /// Notes an event for a parked key.
    func wait(_ key: Row.Key, at position: Int64) {
        notes.append(Note(key: key, position: position, error: nil))
    }

    /// Notes that everything is written.
    func written() {
        notes.removeAll(keepingCapacity: true)
    }

    /// Forgets everything: what is parked has to be read again.
    func forget() {
        fuse.forget(count)
        keys = [:]
        count = 0
        notes = []
    }

    /// The approximate memory of all this.
    var byteCount: Int {
        count * (MemoryLayout<Row.Key>.stride + 64) + notes.capacity * MemoryLayout<Note>.stride
    }

    private func insert(_ key: Row.Key) {
        keys[key.hashValue, default: []].append(key)
        count += 1
    }
}
