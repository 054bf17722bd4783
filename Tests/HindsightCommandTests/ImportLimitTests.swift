import Hindsight
import Subprocess
import Testing

/// What the log would refuse names its line before it comes that far.
@Suite("The limits of an imported event", .timeLimit(.minutes(3)))
struct ImportLimitTests {
    private static func line(_ key: String, _ value: String) -> String {
        var members = ["stream": #""s""#, "type": #""T""#, "at": #""2020-01-01T00:00:00Z""#, "data": "1"]
        members[key] = value
        return "{" + members.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",") + "}\n"
    }

    private static func text(_ count: Int) -> String { "\"\(String(repeating: "x", count: count))\"" }

    private static let limits = EventLogLimits()

    /// What is just too much for each part of an event, and what is just not.
    private static let parts: [(key: String, fits: String, exceeds: String)] = [
        ("stream", text(limits.streamNameBytes), text(limits.streamNameBytes + 1)),
        ("type", text(limits.typeNameBytes), text(limits.typeNameBytes + 1)),
        ("correlation", text(limits.correlationBytes), text(limits.correlationBytes + 1)),
        ("causation", text(limits.correlationBytes), text(limits.correlationBytes + 1)),
        ("meta", "{\"m\":\(text(limits.metadataBytes - 8))}", "{\"m\":\(text(limits.metadataBytes - 7))}"),
        ("data", text(limits.eventBytes - 2), text(limits.eventBytes - 1)),
    ]

    @Test(arguments: parts.map(\.key))
    func nameFileAndLineAndLeaveWhatStandsBefore(key: String) async throws {
        let part = try #require(Self.parts.first { $0.key == key })
        try await ShopFixture.with { fixture in
            let text = Lines.orders(0..<1) + Self.line(key, part.fits) + Self.line(key, part.exceeds)
            let outcome = try await Lines.withFile(text.utf8) { path in
                let outcome = try await fixture.shop("events", "import", path)
                #expect(outcome.error.contains("shop: \(path):5: \"\(key)\" has "), "\(outcome.error)")
                return outcome
            }
            #expect(outcome.status == .exited(1))
            #expect(outcome.error.contains("4 events before it are stored"), "\(outcome.error)")
            #expect(try await fixture.events().count == 4)
        }
    }
}
