import HindsightLog
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Fails the case unless a condition holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(LogContractFailure) {
    guard condition else { throw LogContractFailure(message()) }
}

/// Fails the case unless two values are equal.
func expect<Value: Equatable>(_ found: Value, is expected: Value, _ what: String) throws(LogContractFailure) {
    guard found == expected else { throw LogContractFailure("\(what): expected \(expected), found \(found)") }
}

/// Fails the case unless `body` throws a log error with this code.
@discardableResult
func expect<Value>(
    _ code: EventLogError.Code, _ what: String, _ body: () async throws -> Value
) async throws -> EventLogError {
    do {
        _ = try await body()
    } catch let error as EventLogError where error.code == code {
        return error
    } catch {
        throw LogContractFailure("\(what): expected \(code), found \(String(reflecting: error))")
    }
    throw LogContractFailure("\(what): expected \(code), but there was no error")
}

/// Operations of the cases on a log.
extension LogUnderTest {
    /// An event with a number in it.
    func event(_ number: Int = 0, type: String = "Counted", padding: Int = 0) -> NewEvent {
        let text = String(repeating: "x", count: padding)
        return NewEvent(
            type: type, data: Array((padding > 0 ? #"{"n":\#(number),"x":"\#(text)"}"# : #"{"n":\#(number)}"#).utf8))
    }

    /// An event that occurred so many microseconds after 1970 began.
    func event(at microseconds: Int64) -> NewEvent {
        var event = event()
        event.occurredAt = Timestamp(microsecondsSince1970: microseconds)
        return event
    }

    func events(_ count: Int, type: String = "Counted") -> [NewEvent] { (0..<count).map { event($0, type: type) } }

    /// Begins an append of one event and leaves it open.
    func open(_ stream: StreamName, _ count: Int = 1) async throws -> any OpenLogAppend {
        guard let openAppend else { throw LogContractFailure("the case needs the hook openAppend") }
        return try await openAppend([StreamAppend(stream, events(count))])
    }

    /// Everything that a reader sees from the beginning, in batches of this size.
    func all(_ filter: EventFilter = .all, limit: Int = 1_000, of other: (any EventLog)? = nil) async throws
        -> [RecordedEvent]
    {
        var (events, offset): ([RecordedEvent], Offset) = ([], .beginning)
        while true {
            let batch = try await (other ?? log).read(after: offset, filter: filter, limit: limit)
            try check(batch, after: offset, limit: limit)
            events += batch.events
            offset = batch.through
            if batch.isAtFrontier { return events }
        }
    }

    /// Checks what must hold for every batch.
    func check(_ batch: EventBatch, after offset: Offset, limit: Int) throws {
        try expect(batch.events.count <= limit, "\(batch.events.count) events for a limit of \(limit)")
        try expect(batch.through.position >= offset.position, "the batch goes back to \(batch.through.position)")
        try expect(
            (batch.through.anchor == nil) == (batch.through.position == 0),
            "the offset \(batch.through.position) has no anchor")
        var last = offset.position
        for event in batch.events {
            try expect(event.position > last, "position \(event.position) follows \(last)")
            last = event.position
        }
        try expect(last <= batch.through.position, "an event stands behind the end of its batch")
    }
}
