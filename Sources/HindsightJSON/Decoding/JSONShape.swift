/// The keys that an object of some type had before, in their order, as they stood in the document: with quotes, colon
/// and white space. Where the next document has the same bytes, it has the same key, which need not be scanned.
///
/// What is kept has been scanned once, and its keys are different ones of plain ASCII.
struct JSONShape {
    /// One key, from behind the comma or bracket before it to its value.
    struct Key {
        /// Where it begins in the text of the shape.
        var start: UInt32
        var length: UInt32
        /// Where its content begins, from `start`.
        var contentStart: UInt32
        var contentLength: UInt32
    }

    /// Objects of more members have no shape.
    static let maximumMembers = 32
    /// Nor have objects with a longer key.
    private static let maximumKeyLength = 256

    let keys: UnsafeMutableBufferPointer<Key>
    let text: UnsafeMutableBufferPointer<UInt8>

    /// The shape of the object that a document is; nil if it is none, or none of a shape that can be kept.
    init?(of document: JSONDocument) {
        let root = document[0]
        guard root.kind == .object, 1...Self.maximumMembers ~= Int(root.length), !document.needsTable(0) else {
            return nil
        }
        let bytes = UnsafeBufferPointer(start: document.state.pointee.bytes, count: document.state.pointee.count)
        var found: [Key] = []
        var copied: [UInt8] = []
        var index = 1
        while index < Int(root.next) {
            let node = document[index]
            guard let range = Self.surroundings(of: node, in: bytes) else { return nil }
            found.append(
                Key(
                    start: UInt32(copied.count), length: UInt32(range.count),
                    contentStart: node.start - UInt32(range.lowerBound), contentLength: node.length))
            copied.append(contentsOf: bytes[range])
            index = Int(document[index + 1].next)
        }
        keys = .allocate(capacity: found.count)
        _ = keys.initialize(from: found)
        text = .allocate(capacity: copied.count)
        _ = text.initialize(from: copied)
    }

    func deallocate() {
        keys.deallocate()
        text.deallocate()
    }

    /// Where a key is with its quotes, the colon, and all white space before, between and behind.
    private static func surroundings(of key: JSONNode, in bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        func isSpace(_ index: Int) -> Bool { bytes[index] <= 0x20 }
        var start = Int(key.start) - 1
        while start > 0, isSpace(start - 1) { start -= 1 }
        var end = Int(key.start + key.length) + 1
        while end < bytes.count, isSpace(end) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: ":") else { return nil }
        end += 1
        while end < bytes.count, isSpace(end) { end += 1 }
        return end - start <= maximumKeyLength ? start..<end : nil
    }
}
