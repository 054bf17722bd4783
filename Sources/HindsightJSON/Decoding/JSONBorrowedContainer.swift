/// The members of the object that a whole document is, for as long as a ``JSONLentContainer`` lends it. It is copied
/// with each member, and nothing has to be counted for that.
struct JSONBorrowedContainer<Key: CodingKey>: JSONMemberContainer {
    let reference: Unmanaged<JSONDocument>

    var object: Int { 0 }
}
