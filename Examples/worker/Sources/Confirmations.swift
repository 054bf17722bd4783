import Foundation
import Hindsight
import Logging
import ServiceLifecycle

/// Confirms each line of an order by a letter in a folder, which stands for whatever your service does to the world.
///
/// The subscription stores how far it has come after each letter. If the process dies in between, that letter is
/// written again, under the same name, the event's id: there is still one. Give the id to whoever does the work for
/// you, to the same end.
struct Confirmations: Service {
    let subscription: Subscription
    let folder: URL

    init(log: any EventLog, pool: PostgresPool, folder: String, logger: Logger) {
        let options = SubscriptionOptions(name: "confirmations", filter: .types([OrderLinePlaced.eventType]))
        subscription = Subscription(log: log, pool: pool, options: options, logger: logger)
        self.folder = URL(filePath: folder, directoryHint: .isDirectory)
    }

    func run() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await withGracefulShutdownHandler {
            // What it throws ends the service, and the next start begins with the same event.
            try await subscription.run { event in try confirm(event) }
        } onGracefulShutdown: {
            subscription.stop()
        }
    }

    private func confirm(_ event: RecordedEvent) throws {
        let line = try EventRegistry().decode(OrderLinePlaced.self, from: event)
        let text = "Order \(event.stream.id): \(line.quantity) of \(line.sku), \(line.unitPrice * line.quantity)\n"
        try Data(text.utf8).write(to: folder.appending(path: "\(event.id).txt"), options: .atomic)
    }
}
