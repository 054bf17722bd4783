/// A type that is read from an array of known length without a container.
///
/// `Array` would read itself from an ``JSONUnkeyedContainer`` with the same outcome. But that code is not specialized
/// for the element, and looks up metadata whenever it grows.
protocol JSONElementList {
    /// The elements of an array.
    static func elements(of array: Int, in document: JSONDocument) throws -> Self
}

extension Array: JSONElementList where Element: Decodable {
    static func elements(of array: Int, in document: JSONDocument) throws -> [Element] {
        let count = Int(document[array].length)
        var next = array + 1
        return try [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            while initializedCount < count {
                let element = try document.decode(Element.self, at: next)
                buffer.initializeElement(at: initializedCount, to: element)
                initializedCount += 1
                next = Int(document[next].next)
            }
        }
    }
}
