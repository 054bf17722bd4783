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
        /// The document. The caller's, until ``JSONDocument/retire()``; nil before the first one.
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        var ownsBytes = false
        /// Whether the decode has ended, after which no container is lent any more.
        var isRetired = false

        var list = JSONNodeList()

        /// The values of members by key, of the objects for which that is faster or the only way.
        var members: [Int: [String: Int]] = [:]

        /// The places of members that are missing, for which a null was made up.
        var absent: [Int: (object: Int, key: String)] = [:]

        /// What was read from this document and from those before it.
        var texts = JSONTextCache()
        let types = JSONKnownTypes()
        /// What is known of the type that is decoded.
        var known: UnsafeMutablePointer<JSONKnownTypes.Place>?

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
        state.pointee.types.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Whether nothing else refers to the container that was lent to the decoded type.
    @inline(__always)
    var hasContainerBack: Bool {
        state.pointee.known?.pointee.container?.isReturned ?? true
    }

    /// Makes the document fit to outlive its decode, because something still refers to it: a decoder or a container
    /// that a type has kept.
    func retire() {
        adoptBytes()
        state.pointee.isRetired = true
        state.pointee.texts.deallocate()
        state.pointee.texts = JSONTextCache()
    }

    /// Copies the caller's bytes.
    private func adoptBytes() {
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
