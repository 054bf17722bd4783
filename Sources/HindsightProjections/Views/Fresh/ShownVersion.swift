/// A version of a projection, as the one that its stable name shows.
package struct ShownVersion: Hashable, Sendable {
    package let name: String
    package let version: Int

    package init(name: String, version: Int) {
        self.name = name
        self.version = version
    }
}
