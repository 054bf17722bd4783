/// What the suite found to be wrong, in one sentence.
package struct FaultFailure: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
