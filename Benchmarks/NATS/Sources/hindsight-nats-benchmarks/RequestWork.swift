import HindsightNATS

/// One request after the other, and who answers them.
struct RequestWork {
    let client: NATSClient
    let responder: NATSClient
    let count: Int
    private let subject: NATSSubject = "request.orders"

    init(client: NATSClient, responder: NATSClient, count: Int) {
        self.client = client
        self.responder = responder
        self.count = count
    }

    func run(onEventLoops: Bool) async throws {
        let subscription = try responder.subscribe(to: subject)
        try await responder.flush()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask(executorPreference: onEventLoops ? responder.eventLoopExecutor : nil) {
                for await message in subscription { try await message.respond(Work.payload) }
            }
            tasks.addTask(executorPreference: onEventLoops ? client.eventLoopExecutor : nil) {
                for _ in 0..<count {
                    _ = try await client.request(Work.payload, to: subject, within: .seconds(5))
                }
                subscription.drain()
            }
            try await tasks.waitForAll()
        }
    }
}
