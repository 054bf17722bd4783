import ArgumentParser
import Hindsight

/// `nodes`: shows the processes that keep the views up to date.
struct NodesCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "nodes", abstract: "Show the processes that keep the views up to date.",
            discussion: """
                STATE is ready; troubled where the log could not be read lately; draining where the process ends; stuck where a fold of it \
                does not return, and it should be restarted; gone where it has died or hangs, which is shown for an hour. HOLDS is how many tables it keeps up to date. --json has their names.
                """)
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let nodes = try await runtime.administration.nodes()
            guard !runtime.output.isJSON else {
                return try runtime.output.write(.array(nodes.map(Self.fields)))
            }
            var table = Table(
                [
                    .init(name: "name"), .init(name: "pid", alignment: .right), .init(name: "state"),
                    .init(name: "holds", alignment: .right), .init(name: "since"), .init(name: "renewed"),
                    .init(name: "build", isExpendable: true),
                ], layout: runtime.output.statusLayout
            ) { try runtime.output.write($0) }
            for node in nodes {
                try table.append([
                    node.name, "\(node.processID)", node.state.rawValue, "\(node.projections.count)",
                    node.startedAt.description, node.renewedAt.description, node.build,
                ])
            }
            try table.finish()
            if nodes.isEmpty { runtime.output.note("no process keeps the views up to date") }
        }
    }

    private static func fields(_ node: NodeStatus) -> OutputValue {
        .object([
            "name": .string(node.name), "build": .string(node.build), "pid": OutputValue(node.processID),
            "state": .string(node.state.rawValue), "since": OutputValue(node.startedAt),
            "renewed_at": OutputValue(node.renewedAt), "holds": .array(node.projections.map { .string($0) }),
        ])
    }
}
