import Foundation
import Hindsight
import HindsightValues

/// The orders that the figures are measured on.
struct BenchmarkData {
    private let server: BenchmarkServer
    private let orders: String?
    private var simulated: String?

    init(orders: String?, server: BenchmarkServer) throws {
        self.server = server
        if let orders, !FileManager.default.fileExists(atPath: orders) {
            throw BenchmarkError("there is no file \(orders)")
        }
        // The other package has this file as a link.
        let beside = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("../../../../shared/data/online-retail/events.jsonl.gz").standardizedFileURL.path
        self.orders = orders ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil)
    }

    /// A file of events: the real orders, or as many simulated ones.
    mutating func file() async throws -> String {
        if let orders { return orders }
        if let simulated { return simulated }
        print("# the real orders are not there: orders are simulated")
        let path = server.folder + "-orders.jsonl"
        let text = Self.simulatedEvents(540_000).map { entry in
            """
            {"stream":"\(entry.stream)","type":"\(entry.event.type)","at":"\(entry.event.occurredAt)",\
            "data":\(String(decoding: entry.event.data, as: UTF8.self))}

            """
        }.joined()
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        simulated = path
        return path
    }

    /// The data of 100,000 events, with their types.
    mutating func payloads() async throws -> [(type: String, data: [UInt8])] {
        let file = try await file()
        let database = "payloads"
        try await server.createDatabase(database)
        _ = try await ShopChild.run(["events", "import", file], conninfo: server.conninfo(database))
        return try await server.withLog(database: database) { log, _ in
            try await log.read(after: .beginning, limit: 100_000).events.map { ($0.type, $0.data) }
        }
    }

    /// At least so many simulated events, whole orders.
    static func simulatedEvents(_ count: Int) -> [StreamEvent] {
        var simulator = OrderSimulator(seed: 7)
        var events: [StreamEvent] = []
        while events.count < count { events += simulator.orders(100).flatMap { $0 } }
        return events
    }
}
