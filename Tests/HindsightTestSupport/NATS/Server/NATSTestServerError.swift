/// A test server did not do what it was asked for.
package struct NATSTestServerError: Error, CustomStringConvertible {
    package let reason: String
    /// The end of the server's log.
    package let log: String
    /// Whether another process has one of its ports.
    let isPortTaken: Bool

    init(_ reason: String, log: String = "") {
        self.reason = reason
        self.log = log
        isPortTaken = log.contains("address already in use")
    }

    package var description: String { log.isEmpty ? reason : "\(reason); its log ends with:\n\(log)" }
}
