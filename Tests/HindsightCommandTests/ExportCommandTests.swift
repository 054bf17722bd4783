import Hindsight
import HindsightValues
import Subprocess
import Testing

@Suite("events export", .timeLimit(.minutes(5)))
struct ExportCommandTests {
    /// Everything of an event but its position.
    private struct Content: Hashable {
        var stream: StreamName
        var version: Int64
        var event: NewEvent

        init(_ event: RecordedEvent) {
            stream = event.stream
            version = event.version
            self.event = NewEvent(
                type: event.type, schemaVersion: event.schemaVersion, data: event.data, id: event.id,
                occurredAt: event.occurredAt, recordedAt: event.recordedAt, correlationID: event.correlationID,
                causationID: event.causationID, metadata: event.metadata)
        }
    }

    @Test func importedIntoAnEmptyLogGivesTheSameLog() async throws {
        try await ShopFixture.with { fixture in
            #expect(try await fixture.shop("events", "import", "-", input: Lines.orders(0..<5)).status == .exited(0))
            let odd = NewEvent(
                type: "Odd \"type\"", schemaVersion: 7, data: Array("{ \"a\" : \"x\\ny\\u0000\", \"b\":1.50 }".utf8),
                occurredAt: Timestamp(microsecondsSince1970: -1), correlationID: "c\u{1}", causationID: "",
                metadata: Array("{\"by\":\"me\" }".utf8))
            try await fixture.log.append(odd, to: "stränge \\ stream")
            #expect(try await fixture.shop("events", "import", "-", input: Lines.orders(5..<9)).status == .exited(0))

            let export = try await fixture.shop("events", "export")
            #expect(export.status == .exited(0))
            let original = try await fixture.events()
            #expect(export.lines.count == original.count)

            try await ShopFixture.with { copy in
                #expect(try await copy.shop("events", "import", "-", input: export.output).status == .exited(0))
                let events = try await copy.events()
                #expect(events.map(Content.init) == original.map(Content.init))
                #expect(try await copy.shop("events", "export").output == export.output)
            }
        }
    }

    @Test func writesOneLineForDataWithLineEnds() async throws {
        try await ShopFixture.with { fixture in
            try await fixture.log.append(NewEvent(type: "T", data: Array("{\n  \"a\":\r\n1}".utf8)), to: "s")
            let export = try await fixture.shop("events", "export")
            #expect(export.lines.count == 1)
            #expect(export.output.contains("\"data\":{   \"a\":  1},"))
            // It is the same event to this very log.
            let again = try await fixture.shop("events", "import", "-", "--json", input: export.output)
            #expect(again.output.contains("\"stored\":0,\"already_stored\":1,"), "\(again)")
        }
    }

    @Test func takesARange() async throws {
        try await ShopFixture.with { fixture in
            for number in 1...6 {
                try await fixture.log.append(NewEvent(type: "T", data: Array("\(number)".utf8)), to: "s")
            }
            let some = try await fixture.shop("events", "export", "--from", "2", "--to", "4")
            #expect(some.lines.count == 3)
            #expect(some.lines.first?.hasPrefix(#"{"stream":"s","type":"T","at":"#) == true)
            #expect(try await fixture.shop("events", "export", "--from", "6").lines.count == 1)
            #expect(try await fixture.shop("events", "export", "--from", "7").output.isEmpty)
        }
    }
}
