import Hindsight
import HindsightCommand

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An app of which there are several releases: `RELEASE` says which one this is.
@main
struct VersionsApp: HindsightApplication {
    static let name = "versions-app"
    static let version = "2.4.1"

    static let projections: [any Projection] =
        switch ProcessInfo.processInfo.environment["RELEASE"] {
        case "doubled": [Sum.projection(version: 1, factor: 2)]
        case "doubled in version 2": [Sum.projection(version: 2, factor: 2)]
        case "with a count": [Count.projection]
        case "with another key": [Place.projection]
        case "with a broken table": [Sum.projection(version: 1, factor: 1), Audit.broken, Audit.sound]
        case "with a mended table": [Sum.projection(version: 1, factor: 1), Audit.mended, Audit.sound]
        case "with wide rows": [Sum.projection(version: 1, factor: 1), Wide.projection]
        default: [Sum.projection(version: 1, factor: 1)]
        }

    /// Numbers that others have published; anything else is noise.
    static let foreignMappings = [
        ForeignMapping(of: "NUMBERS") { message in
            guard message.subject.hasPrefix("numbers.of.") else { return nil }
            guard let number = Int(String(decoding: message.data, as: UTF8.self)) else { throw NoNumber() }
            return StreamEvent(
                StreamName(category: "counter", id: String(message.subject.dropFirst("numbers.of.".count))),
                NewEvent(
                    type: "Counted", data: Array(#"{"number":\#(number)}"#.utf8), occurredAt: message.storedAt,
                    correlationID: message.header("Request")))
        }
    ]
}

struct NoNumber: Error {}

struct Counted: Event {
    var number: Int
}
