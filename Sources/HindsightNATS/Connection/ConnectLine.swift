#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// What a client says of itself.
    ///
    /// Source: <https://docs.nats.io/reference/reference-protocols/nats-protocol#connect>
    struct ConnectLine: Encodable {
        var verbose = false
        var pedantic = false
        var lang = "swift-hindsight"
        var version = "1"
        var `protocol` = 1
        var headers = true
        var no_responders = true
        var echo: Bool
        var tls_required: Bool
        var name: String?
        var user: String?
        var pass: String?
        var auth_token: String?
        var nkey: String?
        var jwt: String?
        var sig: String?

        /// The line, and the question whether it will do.
        func line() throws(NATSError) -> String {
            do {
                return "CONNECT \(String(decoding: try JSONEncoder().encode(self), as: UTF8.self))\r\nPING\r\n"
            } catch {
                // The error could repeat what it could not encode.
                throw NATSError(.invalidConfiguration, "the name or the credentials cannot be written as JSON")
            }
        }
    }
#endif
