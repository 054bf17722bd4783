import HindsightLog
import HindsightValues

/// The events at some positions, read page by page.
struct NotedPages: EventPages {
    let log: any EventLog
    /// The projection that has noted the positions.
    let name: String
    /// In order.
    let positions: [Int64]

    /// How many events are asked for at once.
    private static let page = 1_000

    func read(after position: Int64, through end: Int64, maximumBytes: Int, into buffer: RawEventBuffer) async throws {
        let next = positions.partitioningIndex { $0 > position }
        let behind = positions.partitioningIndex { $0 > end }
        let asked = positions[next..<min(behind, next + Self.page)]
        guard let last = asked.last else { return buffer.take([], through: end) }
        let found = try await log.events(at: Array(asked), maximumBytes: maximumBytes)
        let reached = found.isCut ? found.events.last?.position ?? position : last
        guard found.events.map(\.position) == Array(asked.prefix { $0 <= reached }) else {
            throw ProjectionError(
                .cannotExplain,
                """
                the log lacks an event between positions \(asked[asked.startIndex]) and \(reached) that "\(name)" has noted: if that is \
                as it should be, rebuild "\(name)"
                """)
        }
        buffer.take(found.events, through: asked.endIndex == behind && !found.isCut ? end : reached)
    }
}
