import HindsightTestSupport

extension FaultInjector {
    /// Cuts the connections of a node, whatever they are doing.
    func cut(_ fault: Fault) async throws -> Outcome {
        let place = try await victim(of: fault)
        fleet.proxies[place].cutAll()
        return .done(await fleet.node(at: place)?.name ?? "")
    }

    /// Cuts the connections of a node, and those that it opens then at one of their first commits.
    func cut(_ fault: Fault, at kind: CutKind) async throws -> Outcome {
        let place = try await victim(of: fault)
        let proxy = fleet.proxies[place]
        return try await cut(by: [proxy], CutPolicy([kind], commits: 1...4)) {
            proxy.cutAll()
        } ? .done(await fleet.node(at: place)?.name ?? "") : .missed
    }

    /// Cuts connections that copy the log: of a rebuild, or of nodes that fill an emptied view anew.
    func cutInCopy(_ fault: Fault) async throws -> Outcome {
        let policy = CutPolicy([.copyData], bytes: 1...20_000)
        if fault.choice.isMultiple(of: 2) {
            let isCut = try await cut(by: [operations.proxy], policy) {
                operations.proxy.cutAll()
                _ = try await operations.rebuild(fault)
            }
            return isCut ? .done("of a rebuild") : .missed
        }
        let isCut = try await cut(by: fleet.proxies, policy) {
            for proxy in fleet.proxies { proxy.cutAll() }
            try await operations.reset("spread")
        }
        return isCut ? .done("of a node that fills a view") : .missed
    }

    /// Has proxies cut until one has, while something is done that they cut.
    ///
    /// - Returns: whether there was a cut.
    private func cut(
        by proxies: [CuttingProxy], _ policy: CutPolicy, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        let kind = policy.kinds[0]
        let count = { @Sendable in proxies.reduce(0) { $0 + ($1.cuts[kind] ?? 0) } }
        let before = count()
        for proxy in proxies { proxy.setPolicy(policy) }
        let work = Task { try await body() }
        let isCut: Bool
        do {
            isCut = try await database.poll(within: Self.patience) { count() > before ? true : nil } ?? false
        } catch {
            work.cancel()
            throw error
        }
        for proxy in proxies { proxy.setPolicy(.none) }
        try await work.value
        return isCut
    }
}
