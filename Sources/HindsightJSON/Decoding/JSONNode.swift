/// One value, or one key, of a scanned document. Nodes stand in the order of the text: an object is followed by key,
/// value, key, value, …, an array by its elements.
struct JSONNode {
    /// A string or key: the offset of its content. A number: of its first byte. An object: the node of the key that is
    /// likely to be asked for next.
    var start: UInt32
    /// A string, key or number: its length in bytes. An array or object: the number of its elements or members.
    var length: UInt32
    /// The node after this one and all that it holds.
    var next: UInt32
    var kind: JSONKind
    var features: Features

    struct Features: OptionSet {
        let rawValue: UInt8

        /// A string or key with a backslash in it.
        static let escapes = Features(rawValue: 1)
        /// A string or key with characters beyond ASCII.
        static let nonASCII = Features(rawValue: 2)
        /// A number without a fraction or an exponent.
        static let integer = Features(rawValue: 4)
        /// An object whose keys have been looked at once: see `JSONDocument.prepareKeys(of:)`.
        static let prepared = Features(rawValue: 8)
        /// An object whose members are found through a table.
        static let indexed = Features(rawValue: 16)
    }
}
