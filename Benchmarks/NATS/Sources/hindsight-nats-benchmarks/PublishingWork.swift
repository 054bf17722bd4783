import Foundation
import HindsightJetStream
import HindsightLog
import HindsightNATS

/// Messages and events that are stored, 32 at a time, each waited for.
struct PublishingWork {
    let client: NATSClient
    let count: Int

    /// Publishes messages without looking at what a stream has.
    func publish() async throws {
        let jetStream = JetStream(client)
        try await concurrently { _, count in
            for _ in 0..<count { try await jetStream.publish(Work.payload, to: "publish.orders") }
        }
    }

    /// Appends events, to new streams as what begins them, to known ones whatever is there.
    func appends(toNewStreams: Bool) async throws -> Outcome {
        let log = JetStreamEventLog(client, stream: "LOG", logger: benchmarkLogger)
        try await log.prepare()
        let names = (0..<Work.concurrency).map { _ in StreamName(category: "order", id: UUID()) }
        for name in names { try await log.append(Self.event(), to: name) }
        return try await .of {
            try await concurrently { task, count in
                for _ in 0..<count {
                    let event = Self.event()
                    if toNewStreams {
                        try await log.append(
                            event, to: StreamName(category: "order", id: event.id), expected: .noStream)
                    } else {
                        try await log.append(event, to: names[task])
                    }
                }
            }
        }
    }

    private static func event() -> NewEvent {
        NewEvent(type: "OrderLinePlaced", data: Work.payload)
    }

    /// Does a share of the count in each of 32 tasks.
    private func concurrently(_ body: @escaping @Sendable (_ task: Int, _ count: Int) async throws -> Void) async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for task in 0..<Work.concurrency {
                tasks.addTask { try await body(task, (count + task) / Work.concurrency) }
            }
            try await tasks.waitForAll()
        }
    }
}
