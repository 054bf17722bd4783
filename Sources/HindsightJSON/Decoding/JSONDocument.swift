/// One document while it is decoded: its bytes, and the nodes that were found in them.
///
/// Everything that changes lives behind `state`, so that reading it in the hot path costs a load and no more.
///
/// It is `@unchecked Sendable` because ``JSONEventDecoder`` passes it from one decode to the next, on whatever thread, and
/// does so only while nothing else refers to it.
final class JSONDocument: @unchecked Sendable {
    let state: UnsafeMutablePointer<State>

    struct State {
        /// The document. The caller's, until ``JSONDocument/adoptBytes()``.
        var bytes: UnsafePointer<UInt8>
        var count: Int
        var ownsBytes = false

        var nodes: UnsafeMutablePointer<JSONNode>
        var nodeCount = 0
        var nodeCapacity: Int

        /// The values of members by key, of the objects for which that is faster or the only way.
        var members: [Int: [String: Int]] = [:]

        /// The places of members that are missing, for which a null was made up.
        var absent: [Int: (object: Int, key: String)] = [:]

        var dateStrategy = JSONEventDecoder.DateStrategy.iso8601
        var userInfo: [CodingUserInfoKey: any Sendable] = [:]
    }

    private static let initialCapacity = 256
    /// A document of more nodes than this gives them back, 1 MiB.
    private static let retainedCapacity = 65_536

    init() {
        state = .allocate(capacity: 1)
        // The one byte is never read: a document that has not been scanned has no nodes.
        let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        nothing.initialize(to: 0)
        state.initialize(
            to: State(
                bytes: UnsafePointer(nothing), count: 1, ownsBytes: true,
                nodes: .allocate(capacity: Self.initialCapacity), nodeCapacity: Self.initialCapacity))
    }

    deinit {
        releaseBytes()
        state.pointee.nodes.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Copies the caller's bytes, because something still refers to this document after its decode: a decoder or a
    /// container that a type has kept.
    func adoptBytes() {
        guard !state.pointee.ownsBytes else { return }
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: state.pointee.count)
        copy.initialize(from: state.pointee.bytes, count: state.pointee.count)
        state.pointee.bytes = UnsafePointer(copy)
        state.pointee.ownsBytes = true
    }

    /// Makes the document refer to the caller's bytes, without nodes.
    func reset(to bytes: UnsafeBufferPointer<UInt8>) {
        releaseBytes()
        state.pointee.bytes = bytes.baseAddress!
        state.pointee.count = bytes.count
        state.pointee.nodeCount = 0
        if !state.pointee.members.isEmpty { state.pointee.members = [:] }
        if !state.pointee.absent.isEmpty { state.pointee.absent = [:] }
        guard state.pointee.nodeCapacity > Self.retainedCapacity else { return }
        state.pointee.nodes.deallocate()
        state.pointee.nodes = .allocate(capacity: Self.initialCapacity)
        state.pointee.nodeCapacity = Self.initialCapacity
    }

    private func releaseBytes() {
        guard state.pointee.ownsBytes else { return }
        state.pointee.bytes.deallocate()
        state.pointee.ownsBytes = false
    }

    /// A node, which must exist.
    @inline(__always)
    subscript(_ index: Int) -> JSONNode {
        state.pointee.nodes[index]
    }

    /// The bytes of a string, key or number.
    @inline(__always)
    func bytes(of node: JSONNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: state.pointee.bytes + Int(node.start), count: Int(node.length))
    }

    /// Makes up a null for a member that is missing, and returns it.
    func appendNull(for key: String, in object: Int) -> Int {
        if state.pointee.nodeCount == state.pointee.nodeCapacity { growNodes() }
        let index = state.pointee.nodeCount
        state.pointee.nodes[index] = JSONNode(
            start: 0, length: 0, next: UInt32(index + 1), kind: .null, features: [])
        state.pointee.nodeCount = index + 1
        state.pointee.absent[index] = (object, key)
        return index
    }

    /// Doubles the space for nodes.
    @inline(never)
    func growNodes() {
        let capacity = state.pointee.nodeCapacity * 2
        let nodes = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity)
        nodes.moveInitialize(from: state.pointee.nodes, count: state.pointee.nodeCapacity)
        state.pointee.nodes.deallocate()
        state.pointee.nodes = nodes
        state.pointee.nodeCapacity = capacity
    }
}
