#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// What a server says of itself, when a client connects and whenever its cluster changes.
    ///
    /// Source: <https://docs.nats.io/reference/reference-protocols/nats-protocol#info>
    public struct NATSServerInfo: Sendable, Equatable {
        /// The server's id, another one after each start.
        public var id = ""
        /// The server's name.
        public var name = ""
        /// Its version, such as `2.15.1`.
        public var version = ""
        /// The name of its cluster; `nil` if it is not in one.
        public var cluster: String?
        /// The largest message that it takes, payload and headers, in bytes.
        public var maximumPayload = 1 << 20
        /// Whether it takes headers.
        public var hasHeaders = false
        /// Whether it has JetStream.
        public var hasJetStream = false
        /// Whether a client must say who it is.
        public var requiresAuthorization = false
        /// The number that it gave this connection.
        public var clientID: UInt64 = 0
        /// What it asks a client to sign.
        var nonce: String?
        var requiresTLS = false
        var offersTLS = false
        /// The addresses of the other servers of its cluster.
        var addresses: [String] = []
        /// It is about to shut down.
        var isLameDuck = false
    }

    extension NATSServerInfo: Decodable {
        private enum CodingKeys: String, CodingKey {
            case id = "server_id"
            case name = "server_name"
            case version, cluster, nonce
            case maximumPayload = "max_payload"
            case hasHeaders = "headers"
            case hasJetStream = "jetstream"
            case requiresAuthorization = "auth_required"
            case requiresTLS = "tls_required"
            case offersTLS = "tls_available"
            case addresses = "connect_urls"
            case isLameDuck = "ldm"
            case clientID = "client_id"
        }

        /// Reads the JSON of an INFO, in which everything is optional.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decodeIfPresent(String.self, forKey: .id) ?? ""
            name = try container.decodeIfPresent(String.self, forKey: .name) ?? ""
            version = try container.decodeIfPresent(String.self, forKey: .version) ?? ""
            cluster = try container.decodeIfPresent(String.self, forKey: .cluster)
            maximumPayload = try container.decodeIfPresent(Int.self, forKey: .maximumPayload) ?? 1 << 20
            hasHeaders = try container.decodeIfPresent(Bool.self, forKey: .hasHeaders) ?? false
            hasJetStream = try container.decodeIfPresent(Bool.self, forKey: .hasJetStream) ?? false
            requiresAuthorization = try container.decodeIfPresent(Bool.self, forKey: .requiresAuthorization) ?? false
            clientID = try container.decodeIfPresent(UInt64.self, forKey: .clientID) ?? 0
            nonce = try container.decodeIfPresent(String.self, forKey: .nonce)
            requiresTLS = try container.decodeIfPresent(Bool.self, forKey: .requiresTLS) ?? false
            offersTLS = try container.decodeIfPresent(Bool.self, forKey: .offersTLS) ?? false
            addresses = try container.decodeIfPresent([String].self, forKey: .addresses) ?? []
            isLameDuck = try container.decodeIfPresent(Bool.self, forKey: .isLameDuck) ?? false
        }

        /// What the bytes of an INFO say.
        init(parsing json: UnsafeRawBufferPointer) throws(ProtocolViolation) {
            do {
                self = try JSONDecoder().decode(Self.self, from: Data(json))
            } catch {
                throw ProtocolViolation("an INFO is not the JSON that was expected: \(error)")
            }
        }
    }
#endif
