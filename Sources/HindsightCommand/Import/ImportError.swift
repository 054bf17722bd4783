/// Why a line cannot be imported: what follows `FILE:LINE: `.
struct ImportError: Error, Hashable, Sendable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
