/// A container of the object that a whole document is. Every decode of one type lends it to that type again, where
/// making one, with a box of the standard library around it, would take an eighth of the time of a flat event.
///
/// It does not own its document. A type may keep it nevertheless: then the count of references to the box tells, and
/// the document lives on with it, see ``JSONKeptDocuments``. That a container is a reference to such a box and nothing
/// else is checked when it is made; where it is not so, there are no lent containers.
struct JSONLentContainer {
    private let keyType: ObjectIdentifier
    private let memory: UnsafeMutableRawPointer

    /// A container for documents of which `document` is the memory; nil if it cannot be lent.
    init?<Key: CodingKey>(of document: JSONDocument, keyedBy type: Key.Type) {
        let container = KeyedDecodingContainer(JSONBorrowedContainer<Key>(reference: .passUnretained(document)))
        guard let box = Self.box(of: container) else { return nil }
        let typed = UnsafeMutablePointer<KeyedDecodingContainer<Key>>.allocate(capacity: 1)
        typed.initialize(to: container)
        memory = UnsafeMutableRawPointer(typed)
        keyType = ObjectIdentifier(type)
        guard memory.load(as: UnsafeRawPointer.self) == box else {
            typed.deinitialize(count: 1)
            typed.deallocate()
            return nil
        }
    }

    func deallocate() {
        // The container is a reference and nothing else.
        memory.assumingMemoryBound(to: AnyObject.self).deinitialize(count: 1)
        memory.deallocate()
    }

    /// Where the container is; nil if it is one of other keys.
    @inline(__always)
    func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) -> UnsafeMutablePointer<KeyedDecodingContainer<Key>>? {
        guard keyType == ObjectIdentifier(type) else { return nil }
        return memory.assumingMemoryBound(to: KeyedDecodingContainer<Key>.self)
    }

    /// Whether nothing else refers to the container.
    @inline(__always)
    var isReturned: Bool {
        isKnownUniquelyReferenced(&memory.assumingMemoryBound(to: AnyObject.self).pointee)
    }

    /// The address of the one object that a container refers to; nil if it consists of anything else.
    private static func box<Key: CodingKey>(of container: KeyedDecodingContainer<Key>) -> UnsafeRawPointer? {
        guard MemoryLayout<KeyedDecodingContainer<Key>>.size == MemoryLayout<UnsafeRawPointer>.size else { return nil }
        let children = Mirror(reflecting: container).children
        guard let child = children.first, children.count == 1, Swift.type(of: child.value) is AnyClass else {
            return nil
        }
        return UnsafeRawPointer(Unmanaged.passUnretained(child.value as AnyObject).toOpaque())
    }
}

extension JSONDocument {
    /// Where a container of the whole document is; nil if there has to be one that owns the document.
    ///
    /// It is not returned itself, because the metadata of an optional container would be looked up each time.
    @inline(__always)
    func lendContainer<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> UnsafeMutablePointer<KeyedDecodingContainer<Key>>? {
        guard !state.pointee.isRetired, let known = state.pointee.known else { return nil }
        try prepareObject(0)
        if known.pointee.container == nil { makeLentContainer(keyedBy: type, known) }
        return known.pointee.container?.container(keyedBy: type)
    }

    @inline(never)
    private func makeLentContainer<Key: CodingKey>(
        keyedBy type: Key.Type, _ known: UnsafeMutablePointer<JSONKnownTypes.Place>
    ) {
        known.pointee.container = JSONLentContainer(of: self, keyedBy: type)
    }
}
