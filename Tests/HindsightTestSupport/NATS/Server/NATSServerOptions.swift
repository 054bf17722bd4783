/// What a ``NATSTestServer`` is started with. What is not set is as the server has it.
package struct NATSServerOptions: Sendable {
    /// The server's name. Defaults to one of its own choice.
    package var name: String?
    /// Whether and how it keeps streams. Defaults to not at all.
    package var jetStream: NATSServerJetStream?
    /// Who may connect. Defaults to everybody.
    package var authorization = NATSServerAuthorization.everybody
    /// The TLS of clients. Defaults to none.
    package var tls: NATSServerTLS?
    /// The largest message in bytes. The server's own is 1 MiB.
    package var maxPayload: Int?
    /// The longest line of the protocol in bytes. The server's own is 4,096.
    package var maxControlLine: Int?
    /// How many bytes may wait for one client before it is cut off as too slow. The server's own is 64 MiB.
    package var maxPending: Int?
    /// How long one write to a client may take before it is cut off as too slow. The server's own is 10 seconds.
    package var writeDeadline: Duration?
    /// How often the server asks a silent client whether it is there. The server's own is 2 minutes.
    package var pingInterval: Duration?
    /// How many pings may go unanswered before the client is cut off. The server's own is 2.
    package var maxPingsOut: Int?
    /// In lame duck mode, how long the server waits before it cuts off the first client. The server's own is 10 seconds.
    package var lameDuckGracePeriod = Duration.milliseconds(100)
    /// In lame duck mode, over how long the server spreads cutting off its clients. It takes no less than 30 seconds.
    package var lameDuckDuration = Duration.seconds(30)
    /// Whether the log has every line of the protocol.
    package var isTraced = false
    /// Further lines of the server's configuration.
    package var lines: [String] = []
    /// The cluster that it is a member of.
    var cluster: NATSServerCluster?

    package init() {}

    /// These options, changed: `NATSServerOptions.with { $0.maxPayload = 1_000 }`.
    package static func with(_ change: (inout NATSServerOptions) -> Void) -> NATSServerOptions {
        var options = NATSServerOptions()
        change(&options)
        return options
    }

    /// A server that keeps streams.
    package static var jetStream: NATSServerOptions { with { $0.jetStream = NATSServerJetStream() } }
}

/// How a test server keeps streams.
package struct NATSServerJetStream: Sendable {
    /// When what has been written is made to last. The server's own is every 2 minutes.
    package enum Sync: Sendable {
        /// Before each acknowledgement.
        case always
        case every(Duration)
    }

    package var sync: Sync?
    /// Further lines of its block of the configuration, such as limits.
    package var lines: [String] = []

    package init(sync: Sync? = nil, lines: [String] = []) {
        self.sync = sync
        self.lines = lines
    }
}

/// How the clients of a test server use TLS.
package struct NATSServerTLS: Sendable {
    /// The path of the server's certificate, in PEM.
    package var certificate: String
    /// The path of its private key, in PEM.
    package var key: String
    /// The path of the authority that signs clients' certificates. With it a client must show one.
    package var clientAuthority: String?
    /// Whether TLS begins before the server has said anything, instead of after its `INFO`.
    package var handshakeFirst: Bool

    package init(certificate: String, key: String, clientAuthority: String? = nil, handshakeFirst: Bool = false) {
        self.certificate = certificate
        self.key = key
        self.clientAuthority = clientAuthority
        self.handshakeFirst = handshakeFirst
    }

    /// - Parameter verifiesClients: Whether a client must show a certificate of the same authority.
    package init(_ certificates: TestCertificates, verifiesClients: Bool = false, handshakeFirst: Bool = false) {
        self.init(
            certificate: certificates.server, key: certificates.serverKey,
            clientAuthority: verifiesClients ? certificates.authority : nil, handshakeFirst: handshakeFirst)
    }
}

/// A test server's part in a cluster.
struct NATSServerCluster: Sendable {
    var name: String
    /// The ports, on the loopback interface, at which it reaches the others.
    var routes: [Int]
    /// Whether it and its clients are told the addresses of the others.
    var isAdvertised: Bool
}
