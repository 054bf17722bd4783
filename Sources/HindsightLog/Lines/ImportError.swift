/// Why a line cannot be imported: the message after `FILE:LINE: `.
package struct ImportError: Error, Hashable, Sendable {
    /// The reason.
    package let reason: String

    /// Creates an error with its reason.
    package init(_ reason: String) {
        self.reason = reason
    }
}
