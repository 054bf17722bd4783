import Hindsight

/// Reads events page by page and passes them to a printer until it wants no more.
struct EventReading {
    private static let page = 500

    let log: any EventLog
    let stream: StreamName?
    let types: Set<String>
    let from: Int64?
    let printer: EventPrinter

    private var filter: EventFilter { types.isEmpty ? .all : .types(types.sorted()) }

    /// The page size: a full page, or fewer if every event on the page is wanted and fewer are still needed.
    private var pageSize: Int { stream == nil || types.isEmpty ? min(printer.left, Self.page) : Self.page }

    func forward() async throws {
        guard stream == nil else { return _ = try await streamForward(from: from ?? 0) }
        var offset = try await start()
        let frontier = try await log.frontier()
        while offset.position < frontier.position, printer.left > 0 {
            let batch = try await log.read(after: offset, through: frontier, filter: filter, limit: pageSize)
            guard try show(batch.events) else { return }
            offset = batch.through
        }
    }

    func backward() async throws {
        var next = from
        while printer.left > 0 {
            let size = pageSize
            let bytes = EventBatch.defaultBytes
            let page =
                if let stream {
                    try await log.readStream(stream, from: next, backward: true, limit: size, maximumBytes: bytes)
                } else {
                    try await log.readBackward(from: next, filter: filter, limit: size, maximumBytes: bytes)
                }
            guard try show(page.events), page.isCut, let last = page.events.last else { return }
            next = (stream == nil ? last.position : last.version) - 1
        }
    }

    /// Waits for further events until it is drained by a signal.
    func follow() async throws {
        if stream == nil {
            try await followLog()
        } else {
            try await followStream()
        }
    }

    private func followLog() async throws {
        let start: SubscriptionOptions.Start = from.map { .position($0) } ?? .beginning
        let subscription = Subscription(log: log, options: SubscriptionOptions(start: start, filter: filter))
        guard printer.left > 0 else { return }
        try await Interruptions.draining {
            subscription.stop()
        } _: {
            try await subscription.run { event in
                if try !printer.show(event) { subscription.stop() }
            }
        }
    }

    private func followStream() async throws {
        let changes = log.changes()
        let draining = Drain()
        try await Interruptions.draining {
            draining.begin()
            changes.wake()
        } _: {
            var next = from ?? 0
            while !draining.hasBegun, printer.left > 0 {
                try Task.checkCancellation()
                let seen = changes.generation
                next = try await streamForward(from: next)
                guard !draining.hasBegun, printer.left > 0 else { return }
                await changes.wait(after: seen)
            }
        }
    }

    /// Shows a stream from a version. Returns the version after the last existing one.
    private func streamForward(from version: Int64) async throws -> Int64 {
        guard let stream else { return version }
        var next = version
        while printer.left > 0 {
            let size = pageSize
            let page = try await log.readStream(
                stream, from: next, backward: false, limit: size, maximumBytes: EventBatch.defaultBytes)
            if let last = page.events.last { next = last.version + 1 }
            guard try show(page.events), page.isCut else { break }
        }
        return next
    }

    private func start() async throws -> Offset {
        guard let from else { return .beginning }
        return try await log.offset(before: from)
    }

    private func show(_ events: [RecordedEvent]) throws -> Bool {
        for event in events where types.isEmpty || types.contains(event.type) {
            guard try printer.show(event) else { return false }
        }
        return true
    }
}
