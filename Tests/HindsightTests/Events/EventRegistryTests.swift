import Hindsight
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Typed events", .timeLimit(.minutes(1)))
struct EventRegistryTests {
    private struct Renamed: Event {
        static let eventType = "Placed"
        var who: String
    }

    private struct PlacedV2: Event {
        static let eventType = "OrderPlaced"
        static let schemaVersion = 2
        var customer: String
        var amount: Int
    }

    private struct OrderPlaced: Event, Equatable {
        static let schemaVersion = 3
        var customer: String
        var total: ExactDecimal
        var tags: [String: Int]
        var at: Date
    }

    private struct Other: Event {
        var number: Int
    }

    private struct Refused: Error {}

    private static let date = Date(timeIntervalSince1970: 1_000)

    private static func registry(codec: any EventCodec = JSONEventCodec()) -> EventRegistry {
        var events = EventRegistry(codec: codec)
        events.upcast(from: Renamed.self, to: PlacedV2.self) { old in
            if old.who.isEmpty { throw Refused() }
            return PlacedV2(customer: old.who, amount: 100)
        }
        events.upcast(from: PlacedV2.self, to: OrderPlaced.self) { old in
            OrderPlaced(
                customer: old.customer, total: ExactDecimal(coefficient: Int128(old.amount), scale: 2), tags: [:],
                at: date)
        }
        events.register(Other.self)
        return events
    }

    private func recorded(_ type: String, _ schemaVersion: Int, _ data: String) -> RecordedEvent {
        RecordedEvent(
            position: 1, stream: "a-1", version: 0, id: UUID(), type: type, schemaVersion: schemaVersion,
            occurredAt: .now(),
            recordedAt: .now(), correlationID: nil, causationID: nil, data: Array(data.utf8), metadata: nil)
    }

    @Test func theNameIsTheTypesAndTheSchemaVersionOne() throws {
        #expect(Other.eventType == "Other" && Other.schemaVersion == 1)
        let event = try Self.registry().encode(Other(number: 7), correlationID: "c", causationID: "d", metadata: [0x31])
        #expect(event.type == "Other" && event.schemaVersion == 1 && event.data == Array(#"{"number":7}"#.utf8))
        #expect(event.correlationID == "c" && event.causationID == "d" && event.metadata == [0x31])
        #expect(try Self.registry().decode(Other.self, from: recorded("Other", 1, #"{"number":7}"#)).number == 7)
    }

    @Test func upcastersChainAlsoFromATypeOfAnotherName() throws {
        let events = Self.registry()
        let first = try events.decode(OrderPlaced.self, from: recorded("Placed", 1, #"{"who":"A"}"#))
        #expect(first == OrderPlaced(customer: "A", total: 1, tags: [:], at: Self.date))
        let second = try events.decode(
            OrderPlaced.self, from: recorded("OrderPlaced", 2, #"{"customer":"B","amount":250}"#))
        #expect(
            second
                == OrderPlaced(customer: "B", total: ExactDecimal(coefficient: 25, scale: 1), tags: [:], at: Self.date))
        let newest = #"{"customer":"C","total":"9.99","tags":{"x":1},"at":"1970-01-01T00:16:40Z"}"#
        let third = try events.decode(OrderPlaced.self, from: recorded("OrderPlaced", 3, newest))
        #expect(third == OrderPlaced(customer: "C", total: ExactDecimal("9.99")!, tags: ["x": 1], at: Self.date))
        // Half the way is a way.
        #expect(try events.decode(PlacedV2.self, from: recorded("Placed", 1, #"{"who":"A"}"#)).amount == 100)
        #expect(events.schemaVersion(ofType: "OrderPlaced") == 3)
        #expect(events.schemaVersion(ofType: "Placed") == 1)
        #expect(events.schemaVersion(ofType: "Never") == nil)
    }

    @Test("what cannot be read as the type is an error that says so")
    func unreadable() throws {
        let events = Self.registry()
        for (type, version) in [("OrderPlaced", 4), ("OrderPlaced", 1), ("Placed", 2), ("Other", 1), ("Never", 1)] {
            let error = #expect(throws: EventDecodingError.self) {
                try events.decode(OrderPlaced.self, from: recorded(type, version, "{}"))
            }
            #expect(error?.description.contains("\(type) of schema version \(version)") == true)
        }
        // Nor is a newer shape read as an older one.
        #expect(throws: EventDecodingError.self) {
            try events.decode(PlacedV2.self, from: recorded("OrderPlaced", 3, "{}"))
        }
        #expect(throws: EventDecodingError.self) {
            try EventRegistry().decode(OrderPlaced.self, from: recorded("Placed", 1, #"{"who":"A"}"#))
        }
    }

    @Test func whatTheDecoderAndAnUpcasterThrowIsNotHidden() throws {
        let events = Self.registry()
        #expect(throws: DecodingError.self) { try events.decode(Other.self, from: recorded("Other", 1, "{}")) }
        #expect(throws: DecodingError.self) { try events.decode(OrderPlaced.self, from: recorded("Placed", 1, "{}")) }
        #expect(throws: Refused.self) {
            try events.decode(OrderPlaced.self, from: recorded("Placed", 1, #"{"who":""}"#))
        }
    }

    @Test func upcastersInACircleEnd() throws {
        struct First: Event { var a: Int }
        struct Second: Event { var a: Int }
        struct Third: Event { var a: Int }
        var events = EventRegistry()
        events.upcast(from: First.self, to: Second.self) { Second(a: $0.a) }
        events.upcast(from: Second.self, to: First.self) { First(a: $0.a) }
        events.register(Third.self)
        #expect(try events.decode(Second.self, from: recorded("First", 1, #"{"a":1}"#)).a == 1)
        #expect(throws: EventDecodingError.self) {
            try events.decode(Third.self, from: recorded("First", 1, #"{"a":1}"#))
        }
    }

    @Test("equal values have equal bytes")
    func deterministic() throws {
        let events = Self.registry()
        let keys = (0..<50).map { "key\($0)" }
        let bytes = try (0..<20).map { round in
            var tags: [String: Int] = [:]
            tags.reserveCapacity(round * 40)
            for key in keys.shuffled() { tags[key] = 1 }
            let value = OrderPlaced(customer: "\u{e9}/\"", total: ExactDecimal("2.50")!, tags: tags, at: Self.date)
            let event = try events.encode(value)
            #expect(
                try events.decode(
                    OrderPlaced.self, from: recorded("OrderPlaced", 3, String(decoding: event.data, as: UTF8.self)))
                    == value)
            return event.data
        }
        #expect(Set(bytes).count == 1)
    }

    /// Writes a constant, and reads it back as what was asked for, from JSON of its own.
    private struct ConstantCodec: EventCodec {
        func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] { Array(#"{"constant":true}"#.utf8) }
        func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
            try JSONEventCodec().decode(type, from: Array(#"{"number":42,"who":"Codec"}"#.utf8))
        }
    }

    @Test func theCodecCanBeReplaced() throws {
        let events = Self.registry(codec: ConstantCodec())
        #expect(try events.encode(Other(number: 1)).data == Array(#"{"constant":true}"#.utf8))
        #expect(try events.decode(Other.self, from: recorded("Other", 1, "null")).number == 42)
        #expect(try events.decode(OrderPlaced.self, from: recorded("Placed", 1, "null")).customer == "Codec")
    }

    @Test func aTypedEventComesBackFromALog() async throws {
        try await LogFixture.withLog { fixture in
            let events = Self.registry()
            let value = OrderPlaced(customer: "A", total: ExactDecimal("2.50")!, tags: ["a": 1], at: Self.date)
            let id = UUID()
            let event = try events.encode(value, id: id, occurredAt: Timestamp("2010-12-01T08:26:00Z")!)
            try await fixture.log.append(event, to: "order-1")
            // Encoding it again is the same append.
            #expect(try await fixture.log.append(events.encode(value, id: id), to: "order-1").isDuplicate)
            let found = try #require(try await fixture.log.readStream("order-1").first)
            #expect(try events.decode(OrderPlaced.self, from: found) == value)
            #expect(found.id == id && found.occurredAt.description == "2010-12-01T08:26:00Z")
        }
    }
}
