/// A growing list of nodes. While a document is scanned, it is a local variable, so that it stays in registers.
struct JSONNodeList {
    private(set) var nodes: UnsafeMutablePointer<JSONNode>
    private(set) var count = 0
    private var capacity: Int

    private static let initialCapacity = 256
    /// A list of more nodes than this gives its memory back, 1 MiB.
    private static let retainedCapacity = 65_536

    init() {
        nodes = .allocate(capacity: Self.initialCapacity)
        capacity = Self.initialCapacity
    }

    /// Frees the memory of the list, which must not be used afterwards.
    func deallocate() {
        nodes.deallocate()
    }

    /// Empties the list.
    mutating func removeAll() {
        count = 0
        guard capacity > Self.retainedCapacity else { return }
        deallocate()
        self = JSONNodeList()
    }

    /// Makes room for a key and a value.
    @inline(__always)
    mutating func reserveMember() { reserveMembers(1) }

    /// Makes room for keys and values, fewer of them than there is room for in an empty list.
    @inline(__always)
    mutating func reserveMembers(_ members: Int) {
        if count &+ 2 &* members > capacity { grow() }
    }

    /// Adds the nodes that have been written behind the last one, for which there must be room.
    @inline(__always)
    mutating func setCount(_ count: Int) { self.count = count }

    /// Adds a node, for which there must be room, and returns its index.
    @inline(__always)
    @discardableResult
    mutating func append(
        _ kind: JSONKind, start: Int, length: Int, features: JSONNode.Features = []
    ) -> Int {
        let index = count
        nodes[index] = JSONNode(
            start: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: length),
            next: UInt32(truncatingIfNeeded: index &+ 1), kind: kind, features: features)
        count = index &+ 1
        return index
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: nodes, count: count)
        nodes.deallocate()
        nodes = larger
        capacity *= 2
    }
}
