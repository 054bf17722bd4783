/// Rows in memory, found by key.
///
/// A hash table of its own, because the hashes of the keys are known already and keys are compared as the database
/// compares them: strings by their bytes. Rows are in plain memory, where a fold changes them in place.
@usableFromInline
final class KeyedRows<Row: ViewRow> {
    /// The row of a key, and what is known about it.
    @usableFromInline
    struct Slot {
        @usableFromInline let key: Row.Key
        @usableFromInline let hash: Int
        @usableFromInline var row: Row?
        /// True when the database has a row of that key.
        @usableFromInline var isStored = false
        /// True if it is known, or presumed, whether the database has a row.
        @usableFromInline var isLoaded = false
        /// True if the database is presumed to have no row. Writing it shows whether that is so.
        @usableFromInline var isPresumedNew = false
        /// True if a fold has touched the row since it was last written.
        @usableFromInline var isTouched = false
        /// True if it is known where to find the slot among those that were touched, even if that was undone.
        @usableFromInline var isListed = false
        /// True if the key is parked: events are noted, and the row stays as it is.
        @usableFromInline var isParked = false

        @inlinable
        init(key: Row.Key, hash: Int) {
            self.key = key
            self.hash = hash
        }
    }

    /// The state that each event needs. It is behind a pointer, so that nothing is retained or checked for exclusive
    /// access.
    @usableFromInline
    struct Storage {
        @usableFromInline var slots: UnsafeMutablePointer<Slot>
        @usableFromInline var count = 0
        @usableFromInline var capacity: Int
        /// Indexes of slots, or -1. Their number is a power of two, and at least a quarter of them are free.
        @usableFromInline var table: UnsafeMutablePointer<Int32>
        @usableFromInline var mask: Int

        init(capacity: Int) {
            slots = .allocate(capacity: capacity)
            self.capacity = capacity
            mask = 63
            table = .allocate(capacity: 64)
            table.initialize(repeating: -1, count: 64)
        }
    }

    @usableFromInline let storage: UnsafeMutablePointer<Storage>
    @usableFromInline let isSameKey: @Sendable (Row.Key, Row.Key) -> Bool
    /// The keys that are parked.
    let parked: ParkedKeys<Row>
    /// The indexes of slots that were touched since the last write, as long as they are few: a batch of one event must not
    /// look through thousands of rows from earlier ones.
    private var listed: [Int32] = []
    /// True if there are more of them than are listed.
    private var isListFull = false
    /// Beyond that, looking through all slots takes little in comparison.
    private static var maximumListed: Int { 1_024 }
    /// The indexes of slots that are presumed to be new, and not yet written.
    private var presumed: [Int32] = []

    init(parked: ParkedKeys<Row>) {
        self.parked = parked
        isSameKey = Row.table.key.isSame
        storage = .allocate(capacity: 1)
        storage.initialize(to: Storage(capacity: 16))
    }

    deinit {
        release()
        storage.deallocate()
    }

    /// The slots, in the order in which they were made.
    @usableFromInline var slots: UnsafeMutableBufferPointer<Slot> {
        UnsafeMutableBufferPointer(start: storage.pointee.slots, count: storage.pointee.count)
    }

    /// The slot of a key, made if there is none. The pointer is valid until the next slot is made.
    @inlinable
    func slot(of key: Row.Key, hash: Int) -> UnsafeMutablePointer<Slot> {
        let mask = storage.pointee.mask
        // The low bits have already chosen the partition.
        var place = Self.spread(hash) & mask
        while true {
            let index = storage.pointee.table[place]
            if index < 0 { return add(key, hash) }
            let slot = storage.pointee.slots + Int(index)
            if slot.pointee.hash == hash, isSameKey(slot.pointee.key, key) { return slot }
            place = (place + 1) & mask
        }
    }

    @usableFromInline
    func add(_ key: Row.Key, _ hash: Int) -> UnsafeMutablePointer<Slot> {
        let count = storage.pointee.count
        if count == storage.pointee.capacity { growSlots() }
        if (count + 1) * 4 > (storage.pointee.mask + 1) * 3 { growTable() }
        (storage.pointee.slots + count).initialize(to: Slot(key: key, hash: hash))
        storage.pointee.slots[count].isParked = parked.contains(key, hash)
        storage.pointee.count = count + 1
        note(count, hash)
        return storage.pointee.slots + count
    }

    /// Notes that a fold touches a slot.
    @inlinable
    func touch(_ slot: UnsafeMutablePointer<Slot>) {
        slot.pointee.isTouched = true
        if !slot.pointee.isListed { list(slot) }
    }

    @usableFromInline
    func list(_ slot: UnsafeMutablePointer<Slot>) {
        slot.pointee.isListed = true
        if listed.count < Self.maximumListed {
            listed.append(Int32(truncatingIfNeeded: slot - storage.pointee.slots))
        } else {
            isListFull = true
        }
    }

    private func note(_ index: Int, _ hash: Int) {
        let mask = storage.pointee.mask
        var place = Self.spread(hash) & mask
        while storage.pointee.table[place] >= 0 { place = (place + 1) & mask }
        storage.pointee.table[place] = Int32(truncatingIfNeeded: index)
    }

    private func growSlots() {
        // Grows by half rather than doubling: with many rows, doubling would exceed a rebuild's memory.
        let capacity = storage.pointee.capacity + storage.pointee.capacity / 2
        let larger = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
        larger.moveInitialize(from: storage.pointee.slots, count: storage.pointee.count)
        storage.pointee.slots.deallocate()
        storage.pointee.slots = larger
        storage.pointee.capacity = capacity
    }

    private func growTable() {
        let size = (storage.pointee.mask + 1) * 2
        storage.pointee.table.deallocate()
        storage.pointee.table = .allocate(capacity: size)
        storage.pointee.table.initialize(repeating: -1, count: size)
        storage.pointee.mask = size - 1
        for index in 0..<storage.pointee.count { note(index, storage.pointee.slots[index].hash) }
    }

    /// Calls `body` in place with each slot that a fold has touched since it was last written. `body` must not make
    /// slots.
    func forEachTouched(_ body: (UnsafeMutablePointer<Slot>) throws -> Void) rethrows {
        try forEachListed { if $0.pointee.isTouched { try body($0) } }
    }

    /// True if `isWanted` is true for any slot that a fold has touched since it was last written.
    func containsTouched(where isWanted: (UnsafeMutablePointer<Slot>) -> Bool) -> Bool {
        func isFound(_ index: Int) -> Bool { slots[index].isTouched && isWanted(storage.pointee.slots + index) }
        return isListFull ? slots.indices.contains { isFound($0) } : listed.contains { isFound(Int($0)) }
    }

    /// Calls `body` in place with each slot that a fold has touched, and notes that all of them are written.
    func settleTouched(_ body: (UnsafeMutablePointer<Slot>) -> Void) {
        forEachListed { slot in
            if slot.pointee.isTouched { body(slot) }
            slot.pointee.isTouched = false
            slot.pointee.isListed = false
        }
        forgetList()
    }

    /// Calls `body` with each slot that was touched, undone or not, and with others if there are many.
    private func forEachListed(_ body: (UnsafeMutablePointer<Slot>) throws -> Void) rethrows {
        let first = storage.pointee.slots
        if isListFull {
            for index in 0..<storage.pointee.count { try body(first + index) }
        } else {
            for index in listed { try body(first + Int(index)) }
        }
    }

    // MARK: - Presumed to be new

    /// Presumes that the database has no row of a slot.
    func presumeNew(_ slot: UnsafeMutablePointer<Slot>) {
        slot.pointee.isPresumedNew = true
        presumed.append(Int32(truncatingIfNeeded: slot - storage.pointee.slots))
    }

    /// True if `isWanted` is true for any slot that is presumed to be new.
    func containsPresumed(where isWanted: (UnsafeMutablePointer<Slot>) -> Bool) -> Bool {
        presumed.contains { isWanted(storage.pointee.slots + Int($0)) }
    }

    /// Called when everything is written: what was inserted was new, and nothing is known of the others.
    func settlePresumed() {
        for index in presumed {
            let slot = storage.pointee.slots + Int(index)
            slot.pointee.isPresumedNew = false
            if !slot.pointee.isStored { slot.pointee.isLoaded = false }
        }
        presumed.removeAll(keepingCapacity: true)
    }

    private func forgetList() {
        listed.removeAll(keepingCapacity: true)
        isListFull = false
    }

    /// Notes an event for the parked key of a slot.
    @usableFromInline
    func wait(_ slot: UnsafeMutablePointer<Slot>, at position: Int64) {
        parked.wait(slot.pointee.key, slot.pointee.hash, at: position)
    }

    /// Parks the key of a slot at an event.
    ///
    /// - Returns: nil if that was done, otherwise why not: the error itself if keys are not parked.
    @usableFromInline
    func park(_ slot: UnsafeMutablePointer<Slot>, at position: Int64, _ error: any Error) -> (any Error)? {
        do {
            guard try parked.park(slot.pointee.key, slot.pointee.hash, at: position, error) else { return error }
            slot.pointee.isParked = true
            return nil
        } catch {
            return error
        }
    }

    /// Forgets all rows.
    func removeAll(keepingCapacity: Bool) {
        forgetList()
        presumed.removeAll(keepingCapacity: keepingCapacity)
        guard keepingCapacity else {
            release()
            storage.initialize(to: Storage(capacity: 16))
            return
        }
        storage.pointee.slots.deinitialize(count: storage.pointee.count)
        storage.pointee.count = 0
        storage.pointee.table.update(repeating: -1, count: storage.pointee.mask + 1)
    }

    private func release() {
        storage.pointee.slots.deinitialize(count: storage.pointee.count)
        storage.pointee.slots.deallocate()
        storage.pointee.table.deallocate()
    }

    /// The memory that the rows take, without the storage that their values have elsewhere.
    var byteCount: Int {
        storage.pointee.capacity * MemoryLayout<Slot>.stride
            + (storage.pointee.mask + 1) * MemoryLayout<Int32>.stride
    }

    /// The approximate memory of one row, likewise.
    static var bytesPerRow: Int { MemoryLayout<Slot>.stride * 5 / 4 + 2 * MemoryLayout<Int32>.stride }

    @inlinable
    static func spread(_ hash: Int) -> Int { Int(bitPattern: UInt(bitPattern: hash) >> 12) }
}
