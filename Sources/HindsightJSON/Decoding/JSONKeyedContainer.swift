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
