import HindsightTestSupport
import Subprocess
import Testing

/// The app with several releases, all of them over one database.
struct VersionsProcess: Sendable {
    /// Its releases; see `Tests/VersionsApp`.
    enum Release: String {
        case first
        case doubled
        case doubledInVersion2 = "doubled in version 2"
        case withCount = "with a count"
        case withAnotherKey = "with another key"
        case withBrokenTable = "with a broken table"
        case withMendedTable = "with a mended table"
        case withWideRows = "with wide rows"
    }

    let url: String

    /// The app with an empty database of its own.
    init() async throws {
        url = try await TestCluster.shared.makeDatabase()
    }

    subscript(release: Release) -> ShopProcess {
        ShopProcess(url: url, app: "versions-app", variables: ["RELEASE": release.rawValue])
    }

    /// Imports some numbers, each into a stream of its own, and folds them as the first release does.
    func fill(_ numbers: ClosedRange<Int> = 1...12) async throws {
        try await append(numbers)
        let run = try await self[.first]("run", "--until-caught-up")
        try #require(run.status == .exited(0), "\(run.error)")
    }

    /// Imports some numbers, each into a stream of its own.
    func append(_ numbers: ClosedRange<Int>) async throws {
        let lines = numbers.map {
            #"{"stream":"s-\#($0)","type":"Counted","schema":1,"at":"2011-05-01T10:00:00Z","data":{"number":\#($0)}}"#
        }
        let imported = try await self[.first](
            "events", "import", "-", input: lines.joined(separator: "\n") + "\n")
        try #require(imported.status == .exited(0), "\(imported.error)")
    }

    /// The roles of the view's tables, the newest version first.
    func roles() async throws -> [String] {
        struct Version: Decodable {
            var role: String
            var version: Int
        }
        return try await self[.first]("projections", "versions", "tally", "--json").json(as: [Version].self)
            .map { "\($0.version) \($0.role)" }
    }
}
