public import HindsightLog
public import HindsightValues
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension InMemoryEventLog {
    /// Reads the log after an offset.
    public func read(
        after offset: Offset, through known: Offset?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventBatch {
        try state.withLock { state in
            try state.check(offset)
            let frontier = known ?? state.highest(through: state.bound)
            let wanted = state.events.lazy.filter {
                $0.position > offset.position && $0.position <= frontier.position && filter.wants($0)
            }
            let page = EventPage(wanted, limit: limit, maximumBytes: maximumBytes)
            let last = page.isCut ? page.events.last?.offset ?? offset : state.highest(through: frontier.position)
            return EventBatch(
                events: page.events, through: last.position > offset.position ? last : offset, frontier: frontier,
                isHeld: known == nil && state.isHeld)
        }
    }

    /// Reads a stream from a version, forward or backward.
    public func readStream(
        _ stream: StreamName, from version: Int64?, backward: Bool, limit: Int, maximumBytes: Int
    ) async throws -> EventPage {
        state.withLock { state in
            let events = state.events.filter { $0.stream == stream }
            if backward {
                return EventPage(
                    events.reversed().filter { $0.version <= version ?? .max }, limit: limit,
                    maximumBytes: maximumBytes)
            }
            return EventPage(
                events.filter { $0.version >= version ?? 0 }, limit: limit, maximumBytes: maximumBytes)
        }
    }

    /// The streams whose id is this one.
    public func streams(withID id: String) async throws -> [StreamName]? {
        state.withLock { state in Array(Set(state.events.lazy.map(\.stream).filter { $0.id == id })) }
    }

    /// Reads the log backward from a position.
    public func readBackward(
        from position: Int64?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventPage {
        state.withLock { state in
            let highest = min(position ?? .max, state.bound)
            return EventPage(
                state.events.reversed().filter { $0.position <= highest && filter.wants($0) }, limit: limit,
                maximumBytes: maximumBytes)
        }
    }

    /// The visible events at these positions.
    public func events(at positions: [Int64], maximumBytes: Int) async throws -> EventPage {
        let positions = Set(positions)
        return state.withLock { state in
            EventPage(
                state.events.filter { positions.contains($0.position) && $0.position <= state.bound }, limit: .max,
                maximumBytes: maximumBytes)
        }
    }

    /// The events with these ids above a position.
    public func events(withIDs ids: [UUID], after position: Int64, maximumBytes: Int) async throws -> EventPage {
        try abilities.require(.eventsByID, to: "find events by their ids")
        let ids = Set(ids)
        return state.withLock { state in
            EventPage(
                state.events.filter { ids.contains($0.id) && $0.position > position }, limit: .max,
                maximumBytes: maximumBytes)
        }
    }

    /// The highest visible position below which nothing can still appear.
    public func frontier() async throws -> Offset {
        state.withLock { $0.highest(through: $0.bound) }
    }

    /// The place right before a position.
    public func offset(before position: Int64) async throws -> Offset {
        state.withLock { $0.highest(through: min($0.bound, max(position, 1) - 1)) }
    }

    /// The place that is followed by the events recorded at or after a time.
    public func offset(recordedBefore time: Timestamp) async throws -> Offset {
        state.withLock { state in
            let first = state.events.first { $0.recordedAt >= time && $0.position <= state.bound }
            return state.highest(through: first.map { $0.position - 1 } ?? state.bound)
        }
    }

    /// Checks that the log holds the offset's anchor at its position.
    public func verify(_ offset: Offset) async throws {
        try state.withLock { state in try state.check(offset) }
    }

    /// How far behind a reader at a position is.
    public func lag(
        after position: Int64, through head: Int64, filter: EventFilter, limit: Int64
    ) async throws -> LogLag {
        state.withLock { state in
            let left = state.events.filter { $0.position > position && $0.position <= head && filter.wants($0) }
            guard let oldest = left.first else { return .none }
            let age = Timestamp.now().microsecondsSince1970 - oldest.recordedAt.microsecondsSince1970
            return LogLag(found: Int64(left.count), limit: limit, seconds: max(0, Double(age) / 1_000_000))
        }
    }

    /// The number of events, and of streams.
    public func size() async throws -> LogSize {
        try abilities.require(.size, to: "say how many events and streams it holds")
        return state.withLock { state in
            LogSize(events: Int64(state.events.count), streams: Int64(Set(state.events.map(\.stream)).count))
        }
    }

    /// The proof that a range was read completely.
    public func proof(after position: Int64, through end: Int64, types: [String]) async throws -> LogProof {
        guard abilities.contains(.holes) else { return .dense }
        return state.withLock { state in
            var sums: [String: LogChecksum] = [:]
            for event in state.events where event.position > position && event.position <= end {
                if types.contains(event.type) { sums[event.type, default: LogChecksum()].add(event.position) }
            }
            return .counted(sums)
        }
    }
}

extension InMemoryLogState {
    /// Refuses an offset that does not fit the log.
    func check(_ offset: Offset) throws(EventLogError) {
        guard offset.position > 0 else { return }
        let found = event(at: offset.position)?.id
        let isBeyond = offset.position > events.last?.position ?? 0
        guard offset.anchor.map({ found != $0 }) ?? isBeyond else { return }
        throw .anchorMismatch(offset, found: found, log: "in memory")
    }
}

extension EventFilter {
    /// Whether a reader with this filter gets an event.
    func wants(_ event: RecordedEvent) -> Bool {
        switch self {
        case .all: true
        case .types(let types): types.contains(event.type)
        case .category(let category): event.stream.category == category
        }
    }
}
