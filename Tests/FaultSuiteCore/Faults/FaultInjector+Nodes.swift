import Hindsight

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension FaultInjector {
    /// Kills or suspends a node whatever it is doing.
    func hitAtHead(_ fault: Fault) async throws -> Outcome {
        guard let node = await fleet.node(at: try await victim(of: fault)) else { return .missed }
        return try await hit(node, fault)
    }

    /// Kills or suspends a node while its commit is at work in the server.
    func hitInBatch(_ fault: Fault) async throws -> Outcome {
        let place = try await victim(of: fault)
        guard let node = await fleet.node(at: place) else { return .missed }
        let name = node.name
        try await database.slowDown(name)
        let isThere = try await database.poll(within: Self.patience) {
            try await database.isCommitting(name) ? true : nil
        }
        guard isThere != nil else {
            try await database.slowDownNobody()
            return .missed
        }
        return try await hit(node, fault) { try await database.slowDownNobody() }
    }

    /// Kills or suspends a node while it folds, or between two statements of a handler.
    func hitInHandler(_ fault: Fault) async throws -> Outcome {
        let place = fault.pick(Moments.Place.allCases)
        try moments.ask(for: place)
        let name = try await database.poll(within: Self.patience) { try moments.lingering(in: place) }
        try moments.forget(place)
        guard let name, let number = await fleet.place(of: name), let node = await fleet.node(at: number) else {
            return .missed
        }
        return try await hit(node, fault)
    }

    /// The others must go on while the node is gone or suspended; then it comes back.
    private func hit(
        _ node: NodeProcess, _ fault: Fault, then undo: () async throws -> Void = {}
    ) async throws -> Outcome {
        let what = "\(fault.kind.rawValue), \(node.name)"
        switch fault.kind {
        case .killedAtHead, .killedInBatch, .killedInHandler:
            let place = await fleet.place(of: node.name)
            try await fleet.kill(node)
            try await undo()
            try await database.survive(what)
            if let place { try await fleet.start(at: place) }
        default:
            let end = ContinuousClock.now + fault.duration
            node.signal(SIGSTOP)
            do {
                try await undo()
                try await database.survive(what)
                try await Task.sleep(until: end)
            } catch {
                node.signal(SIGCONT)
                throw error
            }
            node.signal(SIGCONT)
        }
        return .done(node.name)
    }

    /// Drains a node, and starts another one in its place.
    func drain(_ fault: Fault) async throws -> Outcome {
        let place = try await victim(of: fault)
        guard let node = await fleet.node(at: place) else { return .missed }
        try await fleet.drain(node)
        try await fleet.start(at: place)
        return .done(node.name)
    }

    /// Deploys the broken build everywhere, appends an event at which it stops, and deploys the mended build, whose first node tries it
    /// again.
    func needOtherBuild(_ fault: Fault) async throws -> Outcome {
        for (place, node) in await fleet.nodes where node.build == .mended { try await replace(place, by: .broken) }
        let stream = StreamName(category: "amended", id: fault.choice % 10)
        let event = try EventRegistry().encode(Amended(number: fault.node))
        guard await appender.store([event], to: stream) != nil else { return .missed }
        let hasStopped = try await database.poll(within: Self.patience) {
            try await database.look().places["choosy"]?.error?.contains(Choosy.Refusal().description) == true
                ? true : nil
        }
        try await replace(fault.node, by: .mended)
        try await replace((fault.node + 1) % FaultSchedule.nodes, by: .mended)
        // Where both builds remain, only one of them works: the one that came last.
        if fault.choice.isMultiple(of: 2) { try await replace((fault.node + 2) % FaultSchedule.nodes, by: .mended) }
        try await database.survive(fault.kind.rawValue)
        return hasStopped == nil ? .missed : .done(await fleet.node(at: fault.node)?.name ?? "")
    }

    private func replace(_ place: Int, by build: Build) async throws {
        if let node = await fleet.node(at: place) { try await fleet.drain(node) }
        try await fleet.start(at: place, build: build)
    }
}
