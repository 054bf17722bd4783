import ArgumentParser
import Hindsight
import HindsightValues

/// `projections versions`: shows the tables of a projection.
struct ProjectionsVersionsCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "versions", abstract: "Show the tables that there are of a projection.",
            discussion: """
                ROLE is active for the one that is shown, kept for one that can be gone back to, filling and rebuilding for one that is \
                not complete yet, dropped for a version that another one replaced. LAG is how many positions it is behind the log. Below \
                the table stands what can be done about a rebuild that is not complete.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let versions = try await runtime.administration.versions(of: name)
            guard !runtime.output.isJSON else {
                return try runtime.output.write(.array(versions.map(Self.fields)))
            }
            var table = Table(
                [
                    .init(name: "version", alignment: .right), .init(name: "role"), .init(name: "table"),
                    .init(name: "offset", alignment: .right), .init(name: "lag", alignment: .right),
                    .init(name: "bytes", alignment: .right), .init(name: "shown at"),
                    .init(name: "applied", alignment: .right, isExpendable: true),
                    .init(name: "node", isExpendable: true),
                ], layout: runtime.output.statusLayout
            ) { try runtime.output.write($0) }
            for version in versions {
                try table.append([
                    "\(version.version)", version.role.rawValue, version.table ?? "", "\(version.offset)",
                    "\(version.lag)", "\(version.bytes)", version.shownAt?.description ?? "",
                    "\(version.eventsApplied)", version.node ?? "",
                ])
            }
            try table.finish()
            let notes = RebuildNotes(runtime)
            for rebuild in try await runtime.administration.rebuilds() where rebuild.name == name {
                try runtime.output.write(notes.line(rebuild))
            }
        }
    }

    private static func fields(_ version: ProjectionVersion) -> OutputValue {
        .object([
            "version": OutputValue(version.version), "role": .string(version.role.rawValue),
            "table": OutputValue(version.table), "offset": .integer(version.offset), "lag": .integer(version.lag),
            "events_applied": .integer(version.eventsApplied), "bytes": .integer(version.bytes),
            "shown_at": OutputValue(version.shownAt?.description), "created_at": .string(version.createdAt.description),
            "node": OutputValue(version.node),
        ])
    }
}
