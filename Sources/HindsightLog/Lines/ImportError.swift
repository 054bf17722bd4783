/// Why a line cannot be imported: what follows `FILE:LINE: `.
package struct ImportError: Error, Hashable, Sendable {
    /// The reason.
    package let reason: String

    /// An error with its reason.
    package init(_ reason: String) {
        self.reason = reason
    }
}
