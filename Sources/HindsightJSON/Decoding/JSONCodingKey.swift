/// A key that no type has declared: one in a coding path, or the place of a superclass.
struct JSONCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    /// Where the encoding of a superclass is by convention.
    static let `super` = JSONCodingKey(name: "super")

    /// The key of a member. As a key of a dictionary, a number is one.
    init(name: String) {
        stringValue = name
        intValue = Int(name)
    }

    /// The number of an element.
    init(index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    init?(stringValue: String) {
        self.init(name: stringValue)
    }

    init?(intValue: Int) {
        stringValue = "\(intValue)"
        self.intValue = intValue
    }
}
