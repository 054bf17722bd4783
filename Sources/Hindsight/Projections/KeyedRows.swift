/// Rows in memory, found by key.
///
/// A hash table of its own: the key's hash is known already, and keys are compared as the database compares them, which for
/// strings is by bytes.
@usableFromInline
struct KeyedRows<Row: ViewRow> {
    /// The row of a key, and what is known of it.
    @usableFromInline
    struct Slot {
        @usableFromInline let key: Row.Key
        @usableFromInline let hash: Int
        @usableFromInline var row: Row?
        /// True when the database has a row of that key.
        @usableFromInline var isStored = false
        /// True when it is known whether the database has a row.
        @usableFromInline var isLoaded = false
        /// True when a fold has seen it since it was last written.
        @usableFromInline var isTouched = false

        @inlinable
        init(key: Row.Key, hash: Int) {
            self.key = key
            self.hash = hash
        }
    }

    @usableFromInline var slots: [Slot] = []
    /// Indexes of slots, -1 where there is none; a power of two of them, at least a quarter of them free.
    @usableFromInline var table: [Int32] = []
    @usableFromInline let isSameKey: @Sendable (Row.Key, Row.Key) -> Bool

    @inlinable
    init() {
        isSameKey = Row.table.isSameKey
    }

    /// The index of the slot of a key, which is made if there is none.
    @inlinable
    mutating func slot(of key: Row.Key, hash: Int) -> Int {
        if (slots.count + 1) * 4 > table.count * 3 { grow() }
        let mask = table.count - 1
        // The low bits chose the partition.
        var place = Self.spread(hash) & mask
        while table[place] >= 0 {
            let slot = Int(table[place])
            if slots[slot].hash == hash, isSameKey(slots[slot].key, key) { return slot }
            place = (place + 1) & mask
        }
        table[place] = Int32(truncatingIfNeeded: slots.count)
        // By half: twice as much, when there are many rows, is memory that a rebuild is not given.
        if slots.count == slots.capacity { slots.reserveCapacity(max(16, slots.count + slots.count / 2)) }
        slots.append(Slot(key: key, hash: hash))
        return slots.count - 1
    }

    /// How much memory the rows take, without what their values take outside of them.
    var byteCount: Int { slots.capacity * MemoryLayout<Slot>.stride + table.capacity * MemoryLayout<Int32>.stride }

    /// About how much one row takes, likewise.
    static var bytesPerRow: Int { MemoryLayout<Slot>.stride * 5 / 4 + 2 * MemoryLayout<Int32>.stride }

    /// Forgets all rows.
    mutating func removeAll(keepingCapacity: Bool) {
        slots.removeAll(keepingCapacity: keepingCapacity)
        if keepingCapacity {
            for place in table.indices { table[place] = -1 }
        } else {
            table = []
        }
    }

    @usableFromInline
    mutating func grow() {
        table = [Int32](repeating: -1, count: max(64, table.count * 2))
        let mask = table.count - 1
        for index in slots.indices {
            var place = Self.spread(slots[index].hash) & mask
            while table[place] >= 0 { place = (place + 1) & mask }
            table[place] = Int32(truncatingIfNeeded: index)
        }
    }

    @inlinable
    static func spread(_ hash: Int) -> Int { Int(bitPattern: UInt(bitPattern: hash) >> 12) }
}
