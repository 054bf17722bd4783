import ArgumentParser
import HindsightNATS
import Logging

/// Does one work in a process of its own and prints what it took.
struct WorkChild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work", abstract: "Do one work and print its seconds, processor seconds and peak bytes.",
        shouldDisplay: false)

    @Argument(help: "The work.")
    var work: Work

    @Argument(help: "The server's address.")
    var url: String

    @Argument(help: "How many messages.")
    var count: Int

    func run() async throws {
        let outcome = try await withBenchmarkClient(url) { client in
            let events = client.events
            return try await withThrowingTaskGroup(of: Outcome.self) { tasks in
                // A connection that is lost is the end: a measurement with a gap in it is none.
                tasks.addTask {
                    for await case .disconnected(let error, _) in events { throw error }
                    throw CancellationError()
                }
                tasks.addTask { try await measure(client) }
                defer { tasks.cancelAll() }
                guard let outcome = try await tasks.next() else { throw CancellationError() }
                return outcome
            }
        }
        print(outcome)
    }

    private func measure(_ client: NATSClient) async throws -> Outcome {
        let publishing = PublishingWork(client: client, count: count)
        return switch work {
        case .core: try await .of { try await CoreWork(client: client, count: count).run() }
        case .replay, .replayWithHeaders:
            try await .of {
                try await ReplayWork(client: client, count: count).run(readingHeaders: work == .replayWithHeaders)
            }
        case .replayFiveTimes:
            try await .of {
                for _ in 0..<5 { try await ReplayWork(client: client, count: count).run(readingHeaders: false) }
            }
        case .request, .requestOnEventLoop:
            try await withBenchmarkClient(url) { responder in
                let requests = RequestWork(client: client, responder: responder, count: count)
                return try await .of { try await requests.run(onEventLoops: work == .requestOnEventLoop) }
            }
        case .publish: try await .of { try await publishing.publish() }
        case .publishInWindow, .replayByPulls: throw ValidationError("\(work.rawValue) is a work for libnats only")
        case .append, .appendToNewStreams:
            try await publishing.appends(toNewStreams: work == .appendToNewStreams)
        }
    }
}

/// Runs a client that tells only of what is grave.
func withBenchmarkClient<Value: Sendable>(
    _ url: String, _ body: (NATSClient) async throws -> Value
) async throws -> Value {
    var configuration = NATSConfiguration()
    configuration.servers = [url]
    return try await NATSClient.withClient(configuration, logger: benchmarkLogger, body)
}

let benchmarkLogger = {
    var logger = Logger(label: "benchmark")
    logger.logLevel = .error
    return logger
}()
