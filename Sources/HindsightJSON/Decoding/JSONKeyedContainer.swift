/// The members of an object, found by key.
struct JSONKeyedContainer<Key: CodingKey>: JSONMemberContainer {
    private let document: JSONDocument
    let object: Int

    init(document: JSONDocument, object: Int) throws {
        try document.prepareObject(object)
        self.document = document
        self.object = object
    }

    var reference: Unmanaged<JSONDocument> { .passUnretained(document) }
}

/// The members of the object that a whole document is, for as long as a ``JSONLentContainer`` lends it. It is copied
/// with each member, and nothing has to be counted for that.
struct JSONBorrowedContainer<Key: CodingKey>: JSONMemberContainer {
    let reference: Unmanaged<JSONDocument>

    var object: Int { 0 }
}
