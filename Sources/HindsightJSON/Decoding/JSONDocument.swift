/// One document while it is decoded: its bytes, and the nodes that were found in them.
///
/// Everything that changes lives behind `state`, so that reading it in the hot path costs a load and no more.
///
/// It is `@unchecked Sendable` because ``JSONEventDecoder`` passes it from one decode to the next, on whatever thread,
/// and does so only while nothing else refers to it.
final class JSONDocument: @unchecked Sendable {
    let state: UnsafeMutablePointer<State>

    /// ``JSONSmallText/isKnown``, which would be looked for with each text.
    let makesSmallTexts = JSONSmallText.isKnown

    struct State {
        /// The document. The caller's, until ``JSONDocument/adoptBytes()``; nil before the first one.
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        var ownsBytes = false

        var list = JSONNodeList()

        /// The values of members by key, of the objects for which that is faster or the only way.
        var members: [Int: [String: Int]] = [:]

        /// The places of members that are missing, for which a null was made up.
        var absent: [Int: (object: Int, key: String)] = [:]

        /// What was read from this document and from those before it.
        var texts = JSONTextCache()
        var shapes = JSONShapeTable()

        var dateStrategy = JSONEventDecoder.DateStrategy.iso8601
        var userInfo: [CodingUserInfoKey: any Sendable] = [:]
    }

    init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        releaseBytes()
        state.pointee.list.deallocate()
        state.pointee.texts.deallocate()
        state.pointee.shapes.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Copies the caller's bytes, because something still refers to this document after its decode: a decoder or a
    /// container that a type has kept.
    func adoptBytes() {
        guard !state.pointee.ownsBytes, let bytes = state.pointee.bytes else { return }
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: state.pointee.count)
        copy.initialize(from: bytes, count: state.pointee.count)
        state.pointee.bytes = UnsafePointer(copy)
        state.pointee.ownsBytes = true
    }

    /// Makes the document refer to the caller's bytes, without nodes.
    func reset(to bytes: UnsafeBufferPointer<UInt8>) {
        releaseBytes()
        state.pointee.bytes = bytes.baseAddress
        state.pointee.count = bytes.count
        state.pointee.list.removeAll()
        if !state.pointee.members.isEmpty { state.pointee.members = [:] }
        if !state.pointee.absent.isEmpty { state.pointee.absent = [:] }
    }

    private func releaseBytes() {
        guard state.pointee.ownsBytes else { return }
        state.pointee.bytes?.deallocate()
        state.pointee.ownsBytes = false
    }

    /// A node, which must exist.
    @inline(__always)
    subscript(_ index: Int) -> JSONNode {
        state.pointee.list.nodes[index]
    }

    /// The bytes of a string, key or number.
    @inline(__always)
    func bytes(of node: JSONNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: state.pointee.bytes.unsafelyUnwrapped + Int(node.start), count: Int(node.length))
    }

    /// Makes up a null for a member that is missing, and returns it.
    func appendNull(for key: String, in object: Int) -> Int {
        state.pointee.list.reserveMember()
        let index = state.pointee.list.append(.null, start: 0, length: 0)
        state.pointee.absent[index] = (object, key)
        return index
    }
}
