#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension NATSTestServer {
    /// A client's connection, as the server sees it.
    package struct Client: Decodable, Sendable {
        package let cid: UInt64
        package let name: String?
        package let subscriptions: Int
        /// The subjects that it subscribes to; nil if there are none.
        package let subscriptions_list: [String]?
        package let pending_bytes: Int
        package let in_msgs: Int
        package let out_msgs: Int
    }

    /// The clients that are connected.
    nonisolated package func clients() async throws -> [Client] {
        struct Answer: Decodable { let connections: [Client] }
        return try await monitor("/connz?subs=true&limit=10000", as: Answer.self).connections
    }

    /// What the server's monitoring says of itself, such as `/varz` or `/jsz?streams=true`.
    nonisolated package func monitor<Answer: Decodable>(
        _ path: String, as type: Answer.Type = Answer.self, within limit: Duration = .seconds(20)
    ) async throws -> Answer {
        let socket = try TestSocket.connect(to: ports.monitoring)
        // Of a version that closes the connection at the end, and sends it whole.
        try await socket.send("GET \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        let status = try await socket.line(within: limit)
        guard status.split(separator: " ").dropFirst().first == "200" else {
            throw NATSTestServerError("\(path) answers \(status)")
        }
        while try await !socket.line(within: limit).isEmpty {}
        return try JSONDecoder().decode(type, from: Data(try await socket.rest(within: limit)))
    }
}
