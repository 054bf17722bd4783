/// What all figures are measured with.
struct Setting {
    /// The path of nats-server.
    let program: String
    let clients: Clients
    /// The real orders, if they were named.
    let orders: String?

    /// Runs a measurement with servers of its own: none pays for what another one has stored.
    ///
    /// - Parameters:
    ///   - count: how many, as one cluster.
    ///   - body: gets the address of the first one.
    func withServer(
        of count: Int = 1, _ body: (_ url: String, Clients) async throws -> [Report]
    ) async throws -> [Report] {
        var reports: [Report] = []
        try await NATSBenchmarkServer.withServers(count, program: program) { servers in
            reports = try await body(servers[0].url, clients)
        }
        return reports
    }
}
