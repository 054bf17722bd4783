/// A line of a node's log.
package struct NodeLogLine: Codable, Hashable, Sendable {
    /// Seconds since 1970.
    package var time: Double
    package var level: String
    package var message: String
    package var metadata: [String: String]

    package init(time: Double = 0, level: String, message: String, metadata: [String: String]) {
        self.time = time
        self.level = level
        self.message = message
        self.metadata = metadata
    }

    /// True for what must be on the list of ``ExpectedError``.
    package var isTrouble: Bool {
        switch level {
        case "warning", "error", "critical": true
        default: false
        }
    }
}
