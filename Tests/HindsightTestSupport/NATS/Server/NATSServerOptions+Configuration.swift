extension NATSServerOptions {
    /// The text of the server's configuration file.
    ///
    /// - Parameter folder: The folder of the server, in which it keeps its streams.
    func configuration(in folder: String, ports: NATSServerPorts) -> String {
        var text = [
            "listen: \"127.0.0.1:\(ports.client)\"",
            "http: \"127.0.0.1:\(ports.monitoring)\"",
            "ports_file_dir: \(folder.quoted)",
            "lame_duck_grace_period: \(lameDuckGracePeriod.words)",
            "lame_duck_duration: \(lameDuckDuration.words)",
        ]
        func add(_ key: String, _ value: String?) {
            if let value { text.append("\(key): \(value)") }
        }
        add("server_name", name?.quoted)
        add("max_payload", maxPayload.map(String.init))
        add("max_control_line", maxControlLine.map(String.init))
        add("max_pending", maxPending.map(String.init))
        add("write_deadline", writeDeadline?.words)
        add("ping_interval", pingInterval?.words)
        add("ping_max", maxPingsOut.map(String.init))
        if isTraced { text += ["debug: true", "trace: true"] }
        text += authorization.lines
        if let jetStream { text += jetStream.lines(folder: folder) }
        if let tls { text += tls.lines }
        if let cluster { text += cluster.lines(port: ports.cluster) }
        return (text + lines).joined(separator: "\n") + "\n"
    }
}

extension NATSServerJetStream {
    fileprivate func lines(folder: String) -> [String] {
        let interval: String? =
            switch sync {
            case nil: nil
            case .always: "always"
            case .every(let duration): duration.words
            }
        return ["jetstream {", "    store_dir: \("\(folder)/store".quoted)"]
            + (interval.map { ["    sync_interval: \($0)"] } ?? []) + lines.map { "    \($0)" } + ["}"]
    }
}

extension NATSServerTLS {
    fileprivate var lines: [String] {
        // The server's own 2 seconds for a handshake are too few on a machine with much to do.
        ["tls {", "    timeout: 20", "    cert_file: \(certificate.quoted)", "    key_file: \(key.quoted)"]
            + (clientAuthority.map { ["    ca_file: \($0.quoted)", "    verify: true"] } ?? [])
            + (handshakeFirst ? ["    handshake_first: true"] : []) + ["}"]
    }
}

extension NATSServerCluster {
    fileprivate func lines(port: Int) -> [String] {
        let addresses = routes.map { "\"nats://127.0.0.1:\($0)\"" }.joined(separator: ", ")
        return [
            "cluster {", "    name: \(name.quoted)", "    listen: \"127.0.0.1:\(port)\"", "    routes: [\(addresses)]",
            "    no_advertise: \(!isAdvertised)", "}",
        ]
    }
}

extension Duration {
    /// In the words of the server's configuration.
    fileprivate var words: String { "\"\(self / .microseconds(1))us\"" }
}
